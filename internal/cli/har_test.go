package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// An archive has every member that HAR 1.2 calls mandatory, nothing that its readers refuse, and no password.
func TestHAR(t *testing.T) {
	t.Parallel()
	text, err := harOf("1.2.3", controlapi.Delivery{Attempts: []controlapi.Attempt{
		{
			StartedAt: time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC), Error: "connection refused by 127.0.0.1:1",
			Phases: controlapi.Phases{LookupMS: 1, ConnectMS: 2, TLSMS: 3},
			Request: &controlapi.Sent{
				Method: "POST", URL: "https://ada:secret@127.0.0.1:1/cb?a=1&b=%20&a=2", Body: `{"x":1}`,
				Headers: []controlapi.Header{{Name: "Authorization", Value: "Basic secret"}, {Name: "Content-Type", Value: "application/json"}},
			},
		},
		{
			StartedAt: time.Date(2026, 3, 4, 5, 6, 9, 0, time.UTC), StatusCode: 302, Response: "see there", Phases: controlapi.Phases{SendMS: 0.5, WaitMS: 10, ReceiveMS: 1, Reused: true},
			ResponseHeaders: []controlapi.Header{{Name: "Content-Type", Value: "text/plain"}, {Name: "Location", Value: "/new"}},
			Request:         &controlapi.Sent{Method: "GET", URL: "http://127.0.0.1:1/cb", Same: true},
		},
		{Error: "cannot be sent: the host of the URL must be ASCII"}, // nothing was
	}})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("secret")) {
		t.Errorf("the archive has a password:\n%s", text)
	}
	var file harFile
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&file); err != nil {
		t.Fatal(err)
	}
	var members struct {
		Log struct{ Entries []map[string]map[string]any }
	}
	var wrongType *json.UnmarshalTypeError // of members that are no objects
	if err := json.Unmarshal(text, &members); err != nil && !errors.As(err, &wrongType) {
		t.Fatal(err)
	}
	entries := file.Log.Entries
	if file.Log.Version != "1.2" || file.Log.Creator.Name != "onetouch" || len(entries) != 2 {
		t.Fatalf("got\n%s", text)
	}
	first, second := entries[0], entries[1]
	if diff := cmp.Diff([]harPair{{"a", "1"}, {"b", " "}, {"a", "2"}}, first.Request.QueryString); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	if first.Request.URL != "https://127.0.0.1:1/cb?a=1&b=%20&a=2" || first.Request.PostData.Text != `{"x":1}` ||
		first.Request.PostData.MimeType != "application/json" || first.Response.Status != 0 || first.Response.Error == "" ||
		first.Comment == "" || first.Timings != (harTimings{-1, 1, 5, 3, 0, 0, 0}) || first.Time != 6 {
		t.Errorf("got %+v", first)
	}
	if second.Request.PostData != nil || second.Response.RedirectURL != "/new" || second.Response.Content.Text != "see there" ||
		second.Comment != "" || second.Timings != (harTimings{-1, -1, -1, -1, 0.5, 10, 1}) || second.Time != 11.5 {
		t.Errorf("got %+v", second)
	}
	for _, name := range []string{"cookies", "headers", "queryString"} {
		if _, isList := members.Log.Entries[1]["request"][name].([]any); !isList {
			t.Errorf("request.%s is no list: %v", name, members.Log.Entries[1]["request"][name])
		}
	}
}
