package server_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// TestAccess tries every route of the server without a credential and with those of others: only its own opens it.
func TestAccess(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	_, _, d := phone(t, s.url, client(t))
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	credentials := map[route.Access]http.Header{
		"nobody":          {},
		"a stranger":      {"Authorization": {"Bearer wrong"}, "X-Authy-Api-Key": {"wrong"}},
		"another scheme":  {"Authorization": {"Basic " + controlToken}},
		route.Application: {"X-Authy-Api-Key": {apiKey}},
		route.Manager:     {"X-Authy-Api-Key": {s.Application().AccessKey}},
		route.Device:      bearer(d.Credentials().AccessToken),
		route.Operator:    bearer(controlToken),
	}
	guarded := 0
	for _, r := range s.Routes() {
		if r.Access == route.Public {
			continue
		}
		guarded++
		t.Run(r.Method+" "+r.Path, func(t *testing.T) {
			t.Parallel()
			for who, header := range credentials {
				if who == r.Access {
					continue
				}
				if status := knock(t, s.url, r, header); status != http.StatusUnauthorized {
					t.Errorf("%s gets %d", who, status)
				}
			}
		})
	}
	if guarded < 50 {
		t.Errorf("only %d routes are guarded", guarded)
	}
}

// knock calls a route and returns the status of the answer.
func knock(t *testing.T, url string, r route.Route, header http.Header) int {
	t.Helper()
	path := strings.ReplaceAll(r.Path, "{format}", "json")
	for strings.Contains(path, "{") {
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path = before + "1" + after
	}
	request := httptest.NewRequestWithContext(t.Context(), r.Method, url+path, nil)
	request.RequestURI, request.Header = "", header
	answer, err := client(t).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// TestPublicRoutes names what anybody may call. Each has a reason: the call holds a secret itself, or tells none.
func TestPublicRoutes(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	var public []string
	for _, r := range s.Routes() {
		if r.Access == route.Public && !strings.HasPrefix(r.Path, "/phone") {
			public = append(public, r.Method+" "+r.Path)
		}
	}
	want := []string{"GET /qr_codes/{file}", "POST /device/v1/registrations", "GET /healthz", "GET /readyz"}
	if !slices.Equal(public, want) {
		t.Errorf("public are %v, want %v", public, want)
	}
}
