package controlapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/store"
)

const token = "the control token"

// operated is the control API over HTTP, with what is behind it.
type operated struct {
	*onetouch.Service
	app    onetouch.Application
	faults *fault.Faults
	url    string
	client *controlapi.Client
	phone  phonetest.Phone // the one that was registered last
}

func newOperated(t *testing.T) *operated {
	t.Helper()
	db, err := store.Open(t.Context(), ":memory:")
	must(t, err)
	o := &operated{Service: onetouch.NewService(db, onetouch.Options{}), faults: &fault.Faults{}}
	o.app, err = o.EnsureApplication(t.Context(), onetouch.ApplicationSettings{Name: "Acme Bank", APIKey: "the-key"})
	must(t, err)
	api := controlapi.New(o.Service, controlapi.Options{Token: token, Faults: o.faults})
	server := httptest.NewServer(route.Handler(api.Family()))
	t.Cleanup(func() {
		server.Close()
		must(t, db.Close())
	})
	o.url, o.client = server.URL, controlapi.NewClient(server.URL, token, server.Client())
	return o
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// send is a call as any program can make it.
func (o *operated) send(t *testing.T, method, path, token, body string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, o.url+path, strings.NewReader(body))
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, strings.TrimSpace(string(text))
}
