package authyapi_test

import (
	"fmt"
	"strings"
	"testing"
)

// A logo's URL that nobody can want is refused by name, and nothing is kept of it; a body beyond the bound is not read.
func TestHugeLogoURL(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	path := fmt.Sprintf("/onetouch/json/users/%d/approval_requests", id)
	before := s.lastEvent(t)
	for name, body := range map[string]string{
		"form": "message=m&logos[][res]=default&logos[][url]=https://x.test/" + strings.Repeat("x", 1_000_000),
		"JSON": `{"message":"m","logos":[{"res":"default","url":"https://x.test/` + strings.Repeat("x", 1_000_000) + `"}]}`,
	} {
		kind := formType
		if name == "JSON" {
			kind = jsonType
		}
		answer := s.call(t, "POST", path, kind, body)
		if answer.status != 400 || !strings.Contains(answer.body, "logos[0][url] - ") || !strings.Contains(answer.body, "2000") ||
			len(answer.body) > 1000 {
			t.Errorf("%s: got %d %.1000s", name, answer.status, answer.body)
		}
	}
	answer := s.call(t, "POST", path, jsonType, `{"message":"`+strings.Repeat("x", 2<<20)+`"}`)
	if answer.status != 413 {
		t.Errorf("got %d %.1000s", answer.status, answer.body)
	}
	if after := s.lastEvent(t); after != before {
		t.Error("a refusal left an event")
	}
}
