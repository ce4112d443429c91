package controlapi_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// TestStrangers asks web servers that are not ours.
func TestStrangers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
	}{
		"empty":           {http.StatusOK, ""},
		"page":            {http.StatusOK, "<!doctype html>"},
		"other JSON":      {http.StatusOK, `{"hello":"world"}`},
		"list":            {http.StatusOK, `[]`},
		"not found":       {http.StatusNotFound, "404 page not found"},
		"our other paths": {http.StatusNotFound, `{"message":"Path not found: /x","success":false,"error_code":"60002"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			t.Cleanup(other.Close)
			_, err := controlapi.NewClient(other.URL+"/", token, other.Client()).Server(t.Context())
			if !errors.Is(err, controlapi.ErrUnreachable) || err.Error() != "no OneTouch server answers at "+other.URL {
				t.Errorf("err = %v", err)
			}
		})
	}
}

// TestNobodyThere asks where no server is, or one that speaks otherwise.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	https := strings.Replace(plain.URL, "http:", "https:", 1)
	for base, want := range map[string]string{
		gone.URL: "no server answers at " + gone.URL + ": connection refused",
		https:    "no server answers at " + https + ": it speaks http, not https",
		strings.Replace(gone.URL, "//", "//ada:secret@", 1): "no server answers at " +
			strings.Replace(gone.URL, "//", "//ada:xxxxx@", 1) + ": connection refused",
	} {
		_, err := controlapi.NewClient(base, token, http.DefaultClient).Server(t.Context())
		if !errors.Is(err, controlapi.ErrUnreachable) || err.Error() != want {
			t.Errorf("%s: err = %v, want %s", base, err, want)
		}
	}
}
