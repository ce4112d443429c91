package fault_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/fault"
)

func add(t *testing.T, f *fault.Faults, r fault.Rule) fault.Rule {
	t.Helper()
	added, err := f.Add(r)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	const path = "/onetouch/json/users/1/approval_requests"
	for pattern, want := range map[string]bool{
		"":                                   true,
		"*":                                  true,
		"  POST   /onetouch/*  ":             true,
		"post /onetouch/*":                   true,
		"* /onetouch/*":                      true,
		"P*T /onetouch/*":                    true,
		"GET /onetouch/*":                    false,
		path:                                 true,
		"/" + path + "//":                    true,
		"POST " + path + "/":                 true,
		"/onetouch/*/users/*":                true,
		"/onetouch/*/users/*/approval*":      true,
		"*/approval_requests":                true,
		"*requests*":                         true,
		"**":                                 true,
		"/onetouch/*/approval_requests/*":    false,
		"/onetouch":                          false,
		"/onetouch/json/users/1/approval":    false,
		"/protected/*":                       false,
		path + "*" + path:                    false,
		"/onetouch/*users*json*":             false,
		"/onetouch/json/users/1*/1/approval": false,
	} {
		p, err := fault.ParsePattern(pattern)
		if err != nil {
			t.Errorf("%q: %v", pattern, err)
		}
		for _, asked := range []string{path, path + "/", strings.ReplaceAll(path, "/", "//")} {
			if got := p.Matches("POST", asked); got != want {
				t.Errorf("%q matches %s: %t", pattern, asked, got)
			}
		}
		if again, err := fault.ParsePattern(p.String()); err != nil || again != p {
			t.Errorf("%q is read again as %v, %v", pattern, again, err)
		}
	}
	if p, err := fault.ParsePattern("/"); err != nil || !p.Matches("GET", "/") || p.Matches("GET", "/x") {
		t.Errorf("the root: %v", err)
	}
	for _, wrong := range []string{" ", "\t\n", "p\xd6st *", "pöst *", "/a\xff", "POST", "POST onetouch", "POST /a /b", "http://x/y", "/" + strings.Repeat("a", 2000)} {
		if _, err := fault.ParsePattern(wrong); onetouch.CodeOf(err) != onetouch.CodeInvalidParameter {
			t.Errorf("%.20q: %v", wrong, err)
		}
	}
}

func TestFaultsOfTheirTime(t *testing.T) {
	t.Parallel()
	var f fault.Faults
	twice := add(t, &f, fault.Rule{Match: "POST /a/*", Error: "60050", Times: 2})
	always := add(t, &f, fault.Rule{Match: "/a/*", Error: "60001", Status: 503})
	if want := (fault.Rule{ID: 1, Match: "POST /a/*", Error: "60050", Status: 400, Probability: 1, Times: 2}); twice != want {
		t.Errorf("got %+v, want %+v", twice, want)
	}
	for i, want := range []struct {
		method, path, number string
		status               int
	}{
		{"POST", "/b", "", 0}, {"GET", "/a/1", "60001", 503}, {"POST", "/a/1", "60050", 400}, {"POST", "/a/2", "60050", 400},
		{"POST", "/a/3", "60001", 503}, {"POST", "/a/3", "60001", 503},
	} {
		effect := f.Next(want.method, want.path)
		if effect.Err == nil {
			if want.number != "" {
				t.Errorf("%d: passes", i)
			}
			continue
		}
		if p := codes.Of(effect.Err); p.Number != want.number || p.Status != want.status {
			t.Errorf("%d: got %+v", i, p)
		}
	}
	if rules := f.List(); !reflect.DeepEqual(rules, []fault.Rule{always}) {
		t.Errorf("in force are %+v", rules)
	}
	if f.Remove(twice.ID) || !f.Remove(always.ID) || f.Next("GET", "/a/1").Err != nil {
		t.Error("a rule outlives its removal")
	}
	add(t, &f, fault.Rule{Error: "60001"})
	if f.Clear() != 1 || f.Clear() != 0 || len(f.List()) != 0 || f.Next("GET", "/").Err != nil {
		t.Error("a rule outlives clearing")
	}
}

func TestWrongRules(t *testing.T) {
	t.Parallel()
	var f fault.Faults
	for says, r := range map[string]fault.Rule{
		"match":  {Match: "POST", Error: "60050"},
		"error":  {Match: "/", Error: "50"},
		"status": {Error: "60050", Status: 200},
		"times":  {Error: "60050", Times: -1},
	} {
		if _, err := f.Add(r); onetouch.CodeOf(err) != onetouch.CodeInvalidParameter || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for range 1000 {
		add(t, &f, fault.Rule{Error: "60000"})
	}
	if _, err := f.Add(fault.Rule{Error: "60000"}); onetouch.CodeOf(err) != onetouch.CodeInvalidRequest {
		t.Errorf("one too many: %v", err)
	}
}

// Of calls that come at once exactly as many go wrong as the rule says.
func TestFaultsAtOnce(t *testing.T) {
	t.Parallel()
	var f fault.Faults
	add(t, &f, fault.Rule{Error: "60050", Times: 50})
	failed := make(chan bool, 200)
	var calls sync.WaitGroup
	for i := range 200 {
		calls.Go(func() { failed <- f.Next("GET", fmt.Sprint("/", i)).Err != nil })
	}
	calls.Wait()
	close(failed)
	count := 0
	for one := range failed {
		if one {
			count++
		}
	}
	if count != 50 {
		t.Errorf("%d calls went wrong", count)
	}
}

func TestNoFaults(t *testing.T) {
	t.Parallel()
	var none *fault.Faults
	if none.Next("GET", "/").Err != nil || len(none.List()) != 0 {
		t.Error("none has a fault")
	}
}

func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"", "*", "POST /onetouch/*", "/a//b*c/", "GET *x*", "* *", strings.Repeat("\xd6", 1990) + " *"} {
		f.Add(seed, "/onetouch/json/x")
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		p, err := fault.ParsePattern(pattern)
		if err != nil {
			return
		}
		again, err := fault.ParsePattern(p.String())
		if err != nil || again != p {
			t.Errorf("%q is read again as %v, %v", pattern, again, err)
		}
		if p.Matches("GET", path) != p.Matches("GET", path+"/") && path != "" {
			t.Errorf("%q: a last slash of %q counts", pattern, path)
		}
	})
}
