package controlapi_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/sequence"
)

// drawn asks for a diagram as a program can that says what it takes.
func (o *operated) drawn(t *testing.T, query, accept, token string) (status int, kind, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.url+"/control/v1/approval_requests/"+query, http.NoBody)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, response.Header.Get("Content-Type"), string(content)
}

func TestDiagram(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	_, _, request := o.furnish(t)
	_, err := o.phone.Answer(t.Context(), o.Service, request, onetouch.StatusDenied, "not <me>")
	must(t, err)

	d, err := o.client.Diagram(t.Context(), request.UUID)
	must(t, err)
	last := d.Steps[len(d.Steps)-1]
	for _, step := range d.Steps {
		if step.Kind == sequence.Answered {
			last = step
		}
	}
	if len(d.Participants) < 3 || d.Steps[0].Kind != sequence.Asked || last.Kind != sequence.Answered ||
		last.Text != "denies “not <me>”, signed" || last.Outcome != sequence.Good {
		t.Errorf("the diagram: %+v", d)
	}
	path := request.UUID + "/diagram"
	for _, test := range []struct{ query, accept, kind, begins, has string }{
		{path, "*/*", "application/json", `{"title":"Approval request `, "not <me>"},
		{path + "?format=json", "image/svg+xml", "application/json", `{"title":`, "not <me>"},
		{path + "?format=svg", "", "image/svg+xml", "<svg ", "not &lt;me&gt;"},
		{path, "text/html, image/svg+xml;q=0.9", "image/svg+xml", "<svg ", "not &lt;me&gt;"},
		{path + "?format=mermaid", "application/json", "text/vnd.mermaid; charset=utf-8", "sequenceDiagram\n", "not #60;me#62;"},
		{path, "text/vnd.mermaid", "text/vnd.mermaid; charset=utf-8", "sequenceDiagram\n", "not #60;me#62;"},
	} {
		status, kind, body := o.drawn(t, test.query, test.accept, token)
		if status != http.StatusOK || kind != test.kind || !strings.HasPrefix(body, test.begins) || !strings.Contains(body, test.has) {
			t.Errorf("%s (Accept: %s) is answered %d %s: %.300s", test.query, test.accept, status, kind, body)
		}
	}
}

func TestDiagramRefused(t *testing.T) {
	t.Parallel()
	o := newOperated(t)
	_, _, request := o.furnish(t)
	_, err := o.client.Diagram(t.Context(), "no/such")
	if !errors.Is(err, &onetouch.Error{Code: onetouch.CodeApprovalRequestNotFound}) {
		t.Errorf("unknown: %v", err)
	}
	for _, test := range []struct {
		query, token string
		status       int
	}{
		{request.UUID + "/diagram?format=png", token, http.StatusBadRequest},
		{request.UUID + "/diagram?format=svg", "wrong", http.StatusUnauthorized},
		{"unknown/diagram?format=svg", token, http.StatusNotFound},
	} {
		status, kind, body := o.drawn(t, test.query, "", test.token)
		if status != test.status || kind != "application/json" || strings.Contains(body, "<svg") {
			t.Errorf("%s is answered %d %s: %s", test.query, status, kind, body)
		}
	}
}
