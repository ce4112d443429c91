package fault_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/fault"
)

func TestWrongCombinations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule fault.Rule
		says string
	}{
		{fault.Rule{}, "error - is missing"},
		{fault.Rule{Match: "/x"}, "error - is missing"},
		{fault.Rule{Reset: true, Probability: 2}, "probability - must be above 0 and at most 1, not 2"},
		{fault.Rule{Reset: true, Probability: -0.1}, "probability"},
		{fault.Rule{Reset: true, Probability: math.NaN()}, "probability"},
		{fault.Rule{Latency: -1}, "latency - must be from 0"},
		{fault.Rule{Latency: 11 * time.Minute}, "latency - must be from 0 to 10m0s, not 11m0s"},
		{fault.Rule{Callback: fault.Late, Delay: 25 * time.Hour}, "delay - must be from 0"},
		{fault.Rule{Callback: fault.Lost, Delay: 1}, "delay - is of use with a callback that is late or reordered only"},
		{fault.Rule{Reset: true, Delay: 1}, "delay - is of use"},
		{fault.Rule{Push: fault.Late}, "push - must be one of lost, doubled"},
		{fault.Rule{Callback: "eaten"}, "callback - must be one of lost, doubled, late, reordered"},
		{fault.Rule{Push: fault.Lost, Callback: fault.Lost}, "push - cannot be combined with callback"},
		{fault.Rule{Push: fault.Lost, Match: "/x"}, "push - cannot be combined with match"},
		{fault.Rule{Callback: fault.Lost, Latency: 1}, "callback - cannot be combined with latency"},
		{fault.Rule{Callback: fault.Lost, Status: 500}, "callback - cannot be combined with status"},
		{fault.Rule{Reset: true, Error: "60050"}, "reset - cannot be combined with error"},
		{fault.Rule{Reset: true, Status: 500}, "reset - cannot be combined with status"},
		{fault.Rule{Status: 200}, "status - must be an HTTP status from 400 to 599"},
		{fault.Rule{Status: 600}, "status"},
		{fault.Rule{Match: "/device/*", Error: "60050"}, "error - is for the Authy API"},
	} {
		if _, err := new(fault.Faults).Add(c.rule); onetouch.CodeOf(err) != onetouch.CodeInvalidParameter || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v, want %s", c.rule, err, c.says)
		}
	}
	for _, right := range []fault.Rule{
		{Latency: fault.MostLatency}, {Latency: 1, Reset: true}, {Latency: 1, Error: "60050", Status: 503}, {Status: 502},
		{Callback: fault.Late, Delay: fault.MostDelay}, {Push: fault.Doubled, Probability: 0.1, Seed: -1, Times: 3},
		{Match: "/device/*", Status: 500},
	} {
		add(t, new(fault.Faults), right)
	}
}

// The device API is struck only where its path is meant.
func TestDevicesAreMeant(t *testing.T) {
	t.Parallel()
	const path = "//device/v1/time"
	for match, want := range map[string]bool{
		"": false, "*": false, "*time": false, "/dev*": false, "/device*": false, "/device/*": true, "GET /device/v1/time/": true,
		"POST /device/*": false,
	} {
		var f fault.Faults
		add(t, &f, fault.Rule{Match: match, Status: 500})
		if got := f.Next("GET", path).Err != nil; got != want {
			t.Errorf("%q strikes: %t", match, got)
		}
	}
}

// choices are which of a hundred calls a rule strikes.
func choices(t *testing.T, f *fault.Faults, r fault.Rule) string {
	t.Helper()
	add(t, f, r)
	var struck strings.Builder
	for range 100 {
		fmt.Fprint(&struck, map[bool]int{true: 1}[f.Next("GET", "/x").What != ""])
	}
	f.Clear()
	return struck.String()
}

func TestProbability(t *testing.T) {
	t.Parallel()
	rule := fault.Rule{Latency: 1, Probability: 0.3, Seed: 7}
	var f fault.Faults
	first := choices(t, &f, rule)
	if count := strings.Count(first, "1"); count < 10 || count > 50 {
		t.Errorf("with a probability of 0.3 are struck %d of 100", count)
	}
	if again := choices(t, &f, rule); again != first {
		t.Errorf("with the same seed: %s, then %s", first, again)
	}
	rule.Seed = 8
	if other := choices(t, &f, rule); other == first {
		t.Error("another seed makes the same choices")
	}
	rule.Seed = 0
	if one, other := choices(t, &f, rule), choices(t, &f, rule); one == other {
		t.Error("two rules without a seed make the same choices")
	}
	seeded := func() *fault.Faults { return fault.New(fault.Options{Random: bytes.NewReader(make([]byte, 64))}) }
	if one, other := choices(t, seeded(), rule), choices(t, seeded(), rule); one != other {
		t.Error("servers with the same seed make different choices")
	}
	rule.Probability = 0
	if always := choices(t, &f, rule); strings.Contains(always, "0") {
		t.Errorf("without a probability: %s", always)
	}
}

// What a rule strikes by chance, and what another one does, makes no difference to a third.
func TestChoicesAreTheRulesOwn(t *testing.T) {
	t.Parallel()
	rule := fault.Rule{Match: "/x", Latency: 1, Probability: 0.5, Seed: 7}
	var alone, together fault.Faults
	first := choices(t, &alone, rule)
	add(t, &together, fault.Rule{Match: "/y", Reset: true, Probability: 0.5})
	add(t, &together, rule)
	var struck strings.Builder
	for range 100 {
		together.Next("GET", "/y")
		fmt.Fprint(&struck, map[bool]int{true: 1}[together.Next("GET", "/x").What != ""])
	}
	if struck.String() != first {
		t.Errorf("alone %s, together %s", first, &struck)
	}
}

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func callback(id int64, app string) onetouch.Delivery {
	return onetouch.Delivery{ID: id, Kind: onetouch.DeliveryCallback, AppID: app, RequestUUID: fmt.Sprint("request ", id)}
}

func TestMishaps(t *testing.T) {
	t.Parallel()
	var none *fault.Faults
	if m := none.Before(callback(1, "a"), now); m != (delivery.Mishap{}) || none.After(callback(1, "a")) != 0 || none.Of(1) != "" {
		t.Errorf("none does %+v", m)
	}
	var f fault.Faults
	add(t, &f, fault.Rule{Push: fault.Doubled, Times: 1})
	add(t, &f, fault.Rule{Callback: fault.Late, Delay: time.Minute, Times: 1})
	push := onetouch.Delivery{ID: 9, Kind: onetouch.DeliveryPush}
	for _, c := range []struct {
		d    onetouch.Delivery
		want delivery.Mishap
	}{
		{push, delivery.Mishap{Doubled: true}}, {push, delivery.Mishap{Doubled: true}}, // what was decided stays
		{onetouch.Delivery{ID: 10, Kind: onetouch.DeliveryPush}, delivery.Mishap{}},
		{onetouch.Delivery{ID: 11, Kind: onetouch.DeliveryWebhook}, delivery.Mishap{}},
		{onetouch.Delivery{ID: 12, Kind: onetouch.DeliveryReplay}, delivery.Mishap{}},
		{callback(13, "a"), delivery.Mishap{Until: now.Add(time.Minute)}}, {callback(13, "a"), delivery.Mishap{}},
		{callback(14, "a"), delivery.Mishap{}},
	} {
		if got := f.Before(c.d, now); got != c.want {
			t.Errorf("delivery %d: %+v, want %+v", c.d.ID, got, c.want)
		}
	}
	if of := f.Of(13); of != "fault 2: callback late, 1m0s" || f.Of(14) != "" {
		t.Errorf("of the late one is said %q", of)
	}
	if len(f.List()) != 0 {
		t.Errorf("in force are %+v", f.List())
	}
}

// Whichever of two callbacks the worker begins first, the earlier one waits for the later one, of the same application.
func TestReordered(t *testing.T) {
	t.Parallel()
	until := now.Add(fault.DefaultDelay)
	for name, later := range map[string]bool{"the earlier first": false, "the later first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var f fault.Faults
			add(t, &f, fault.Rule{Callback: fault.Reordered, Times: 1})
			a, b := callback(1, "app"), callback(2, "app")
			steps := []struct {
				d    onetouch.Delivery
				want delivery.Mishap
			}{
				{a, delivery.Mishap{Until: until}}, {callback(3, "other"), delivery.Mishap{}}, {b, delivery.Mishap{}}, {b, delivery.Mishap{}},
			}
			if later {
				steps[0].d, steps[2].d, steps[2].want = b, a, delivery.Mishap{Until: until, Release: b.ID}
			}
			for i, s := range steps {
				if got := f.Before(s.d, now); got != s.want {
					t.Errorf("step %d: %+v, want %+v", i, got, s.want)
				}
			}
			if f.After(callback(3, "other")) != 0 || f.After(b) != a.ID {
				t.Error("the earlier one is released by another, or by none")
			}
			if got := f.Before(a, now); got != (delivery.Mishap{}) || f.After(a) != 0 {
				t.Errorf("then the earlier one gets %+v", got)
			}
		})
	}
}
