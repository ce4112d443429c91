package deviceapi_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
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
func (brokenStore) Glance(context.Context, func(onetouch.Reader) error) error      { return errDisk }
func (brokenStore) Update(context.Context, func(onetouch.Transaction) error) error { return errDisk }
func (brokenStore) Claim(context.Context, onetouch.Claimant, func(onetouch.Reader) error) error {
	return errDisk
}

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

// fullStore can read no more than it can write.
type fullStore struct{ brokenStore }

var errFull = &onetouch.Error{Code: onetouch.CodeStorageFull, Message: "Database is full", Err: errDisk}

func (fullStore) View(context.Context, func(onetouch.Reader) error) error   { return errFull }
func (fullStore) Glance(context.Context, func(onetouch.Reader) error) error { return errFull }

// Whoever runs the server has to hear of a full disk, with its cause.
func TestFullDiskIsLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	service := onetouch.NewService(fullStore{}, onetouch.Options{})
	handler := mux(deviceapi.New(service, deviceapi.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))}))
	request := httptest.NewRequestWithContext(t.Context(), "PUT", deviceapi.Prefix+"/device", strings.NewReader("{}"))
	request.Header.Set("Authorization", "Bearer secret-token")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusServiceUnavailable || !strings.Contains(recorder.Body.String(), "storage_full") {
		t.Errorf("got %d %s", recorder.Code, recorder.Body)
	}
	if !strings.Contains(log.String(), "on fire") || strings.Contains(log.String(), "secret-token") {
		t.Errorf("the log says %q", log.String())
	}
}
