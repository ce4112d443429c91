package deviceapi_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
)

// brokenStore fails in a way that no rule knows.
type brokenStore struct{}

var errDisk = errors.New("/var/lib/secret: the disk is on fire")

func (brokenStore) View(context.Context, func(onetouch.Reader) error) error        { return errDisk }
func (brokenStore) Update(context.Context, func(onetouch.Transaction) error) error { return errDisk }

// A fault is ours: the device is told nothing of its inside, the log is told everything.
func TestFault(t *testing.T) {
	t.Parallel()
	for _, c := range calls() {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		service := onetouch.NewService(brokenStore{}, onetouch.Options{})
		handler := mux(deviceapi.New(service, deviceapi.Options{Logger: logger}))
		request := httptest.NewRequestWithContext(t.Context(), c.method, deviceapi.Prefix+c.path, strings.NewReader("{}"))
		request.Header.Set("Authorization", "Bearer secret-token")
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		result := recorder.Result()
		got := answer{t: t, status: result.StatusCode, header: result.Header, body: recorder.Body.String()}
		got.refused("internal", "Nothing was changed")
		if strings.Contains(got.body, "fire") || strings.Contains(got.body, "secret") {
			t.Errorf("the device is told %s", got.body)
		}
		if !strings.Contains(log.String(), "on fire") || strings.Contains(log.String(), "secret-token") {
			t.Errorf("the log says %q", log.String())
		}
	}
}
