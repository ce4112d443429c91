package server_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// TestPublicRoutes names what anybody may call. Each has a reason: the call holds a secret itself, or tells none.
func TestPublicRoutes(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:"})
	var public []string
	for _, r := range s.Routes() {
		if r.Access == route.Public && !strings.HasPrefix(r.Path, "/phone") && !strings.HasPrefix(r.Path, "/console") {
			public = append(public, r.Method+" "+r.Path)
		}
	}
	want := []string{"GET /qr_codes/{file}", "POST /device/v1/registrations", "GET /healthz", "GET /readyz"}
	if !slices.Equal(public, want) {
		t.Errorf("public are %v, want %v", public, want)
	}
}
