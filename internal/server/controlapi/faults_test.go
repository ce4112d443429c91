package controlapi_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	ctx, o := t.Context(), newOperated(t)
	none, err := o.client.Faults(ctx)
	if err != nil || none == nil || len(none) != 0 {
		t.Errorf("at first: %v, %v", none, err)
	}
	first, err := o.client.AddFault(ctx, controlapi.Fault{Match: "post /onetouch/*", Error: "60050", Times: 2})
	want := controlapi.Fault{
		ID: 1, Match: "POST /onetouch/*", Error: "60050", Status: 400, Probability: 1, Times: 2, Does: "error 60050, status 400",
	}
	if err != nil || first != want {
		t.Errorf("got %+v, %v", first, err)
	}
	second, err := o.client.AddFault(ctx, controlapi.Fault{Error: "60000", Status: 503})
	must(t, err)
	if effect := o.faults.Next("POST", "/onetouch/json/x"); codes.Of(effect.Err).Number != "60050" {
		t.Errorf("a call goes wrong with %v", effect.Err)
	}
	first.Times--
	if all, err := o.client.Faults(ctx); err != nil || !reflect.DeepEqual(all, []controlapi.Fault{first, second}) {
		t.Errorf("in force are %+v, %v", all, err)
	}
	must(t, o.client.RemoveFault(ctx, first.ID))
	if err := o.client.RemoveFault(ctx, first.ID); onetouch.CodeOf(err) != problem.CodeFaultNotFound {
		t.Errorf("removing it again: %v", err)
	}
	if n, err := o.client.ClearFaults(ctx); n != 1 || err != nil || len(o.faults.List()) != 0 {
		t.Errorf("cleared %d, %v", n, err)
	}
}

func TestWrongFaults(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	for body, want := range map[string]string{
		``:                                     "must be a JSON object",
		`[]`:                                   "must be a JSON object",
		`null x`:                               "something follows",
		`{"error":"60050"}{}`:                  "something follows",
		`{"error":"60050"`:                     "must be a JSON object",
		`{"error":60050}`:                      "error - must be a JSON string",
		`{"error":"60050","times":"2"}`:        "times - must be a JSON number",
		`{"error":"60050","times":1.5}`:        "times - must be a JSON number",
		`{"error":"60050","times":-1}`:         "times - must be",
		`{"error":"60050","status":200}`:       "status - must be",
		`{"error":"60050","match":"/a /b /c"}`: "match - must be",
		`{"error":"60050","probability":2}`:    "probability - must be above 0 and at most 1, not 2",
		`{"error":"60050","probability":"1"}`:  "probability - must be a JSON number",
		`{"error":"60050","chance":1}`:         "chance - is not known here",
		`{"latency_ms":9999999999999999}`:      "latency - must be from 0 to 10m0s",
		`{"callback":"late","delay_ms":-1}`:    "delay - must be from 0 to 24h0m0s",
		`{"callback":"eaten"}`:                 "callback - must be one of lost, doubled, late, reordered, not",
		`{"error":"6005"}`:                     "error - ",
		`{}`:                                   "error - ",
		strings.Repeat(" ", 1<<20) + "{}":      "more than 1048576 bytes",
	} {
		status, answer := o.send(t, "POST", "/control/v1/faults", token, body)
		if status < 400 || status >= 500 || !strings.Contains(answer, want) || strings.Contains(answer, "json:") {
			t.Errorf("%.40q: %d %s", body, status, answer)
		}
	}
	var refusal *onetouch.Error
	if _, err := o.client.AddFault(t.Context(), controlapi.Fault{Error: "60050", Times: -1}); !errors.As(err, &refusal) ||
		refusal.Parameter != "times" || refusal.Reason != "must be 0 (always) or more" {
		t.Errorf("the client says %+v", refusal)
	}
	for _, path := range []string{"/x", "/0", "/-1", "/99999999999999999999"} {
		if status, answer := o.send(t, "DELETE", "/control/v1/faults"+path, token, ""); status != 404 {
			t.Errorf("%s: %d %s", path, status, answer)
		}
	}
	if status, answer := o.send(t, "POST", "/control/v1/faults", "wrong", `{"error":"60050"}`); status != 401 {
		t.Errorf("a stranger: %d %s", status, answer)
	}
	if rules := o.faults.List(); len(rules) != 0 {
		t.Errorf("in force are %+v", rules)
	}
}
