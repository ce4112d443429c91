package migrate_test

import (
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/migrate"
)

// Whatever is given as a recording, it is read or refused in one line. Every call that asks is a flow.
func FuzzReadRecording(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", `{"log":{"entries":[{"request":{"method":"GET","url":"http://a/b?c=d"},"response":{"status":200}}]}}`,
		`{"calls":[{"method":"POST","path":"/a","status":200}]}`, `{"log":{"entries":[{"request":{"postData":{"params":[{"name":"a"}]}}}]}}`,
		"\uFEFF{}", `{"log":`, `[1]`, `{"log":{"entries":null}}`,
		`{"log":{"entries":[{"startedDateTime":"2026-11-25T12:00:00Z","request":{"method":"POST",
			"url":"/onetouch/json/users/1/approval_requests","postData":{"text":"message=m&details[a]=b"}},"response":{"status":200,
			"content":{"text":"eyJhcHByb3ZhbF9yZXF1ZXN0Ijp7InV1aWQiOiJ1In19","encoding":"base64"}}},{"request":{"method":"GET",
			"url":"/onetouch/xml/approval_requests/u"},"response":{"status":200,"content":{"text":"<h><status>denied</status></h>"}}},
			{"request":{"method":"POST","url":"/callback","postData":{"mimeType":"application/json",
			"text":"{\"callback_action\":\"approval_request_status\",\"uuid\":\"u\",\"status\":\"approved\"}"}}}]}}`,
		`{"calls":[{"method":"POST","path":"/onetouch/json/users/1/approval_requests","status":200,"request_uuid":"u"}],
			"approval_requests":[{"uuid":"u","message":"m","status":"approved","created_at":"2026-11-25T12:00:00Z","device_id":null,
			"expires_at":null,"devices":0,"callbacks":[{"kind":"callback","state":"sent"}]}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := migrate.ReadRecording(strings.NewReader(text))
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("%q: %q", text, err)
		}
		asked := 0
		for _, s := range migrate.Of(r.Calls).Steps {
			if s.Method == "POST" && strings.HasSuffix(s.Path, "/approval_requests") {
				asked = s.Times
			}
		}
		if flows := migrate.Flows(r); len(flows) < asked {
			t.Fatalf("%q: %d flows of %d questions", text, len(flows), asked)
		}
	})
}
