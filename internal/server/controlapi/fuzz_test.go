package controlapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/store"
)

// Whatever is sent to any call of the operator, it is answered or refused in the shape of the API; nothing fails.
func FuzzCalls(f *testing.F) {
	db, err := store.Open(context.Background(), ":memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	service := onetouch.NewService(db, onetouch.Options{Clock: onetouch.NewSteeredClock(onetouch.ClockSetting{})})
	if _, err := service.EnsureApplication(context.Background(), onetouch.ApplicationSettings{Name: "Acme"}); err != nil {
		f.Fatal(err)
	}
	family := controlapi.New(service, controlapi.Options{Token: token, Faults: &fault.Faults{}}).Family()
	handler := route.Handler(family)
	for number, seed := range []struct{ segment, query, body string }{
		{"1", "after=1&latest=2", `{"times":1}`}, {"-1", "limit=-1", `{"duration":"1h"}`}, {"x", "app=%00&user=99999999999999999999", "null"},
		{"a%2Fb", "status=pending,denied", `{"time":"2026-01-01T00:00:00Z"}`}, {"\xff", "since=x&before=\xff", `{"name":"\u0000"}`},
		{"1", "type=a,b", `[[[[`}, {"1", "", `{"users":[{"name":"ada","phone":"202-555-0158"}]}`}, {"1", "%zz", `{"name":"x","name":1}`},
	} {
		for i := range family.Routes {
			if i%8 == number {
				f.Add(i, seed.segment, seed.query, seed.body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, number int, segment, query, body string) {
		one := family.Routes[max(number, -number, 0)%len(family.Routes)]
		path := one.Path
		for _, name := range []string{"{id}", "{uuid}", "{called}"} {
			path = strings.ReplaceAll(path, name, segment)
		}
		target := &url.URL{Path: path, RawQuery: strings.ReplaceAll(query, "follow", "")}
		r := &http.Request{
			Method: one.Method, URL: target, Host: "localhost", Header: http.Header{"Authorization": {"Bearer " + token}},
			Body: http.NoBody, ContentLength: int64(len(body)),
		}
		if body != "" {
			r = httptest.NewRequest(one.Method, "/", strings.NewReader(body))
			r.URL, r.Header = target, http.Header{"Authorization": {"Bearer " + token}}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // a stream ends at once
		if strings.HasSuffix(one.Path, "/events") || strings.HasSuffix(one.Path, "/traffic") {
			r = r.WithContext(ctx)
		}
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if answer.Code == http.StatusInternalServerError && r.Context().Err() == nil {
			t.Fatalf("%s %s?%s with %q: %d %s", one.Method, path, query, body, answer.Code, answer.Body)
		}
		if answer.Code >= 400 && !json.Valid(answer.Body.Bytes()) {
			t.Fatalf("%s %s?%s: %d %q", one.Method, path, query, answer.Code, answer.Body)
		}
	})
}
