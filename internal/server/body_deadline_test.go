package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// TestSlowBody: who does not send its body is told so and cut off; a stream that was open all the while goes on.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:", BodyTimeout: time.Second / 4})
	backend, id, d := phone(t, s.url, client(t))
	listening, heard, ended := make(chan struct{}), make(chan string, 1), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		ended <- d.Pushes(ctx, func(_ context.Context, p device.Push) error { heard <- p.ApprovalRequestUUID; return nil },
			device.OnConnect(func() { close(listening) })) // panics when the stream is opened again
	}()
	<-listening

	for _, head := range []string{
		"POST /protected/json/users/new HTTP/1.1\r\nX-Authy-API-Key: " + apiKey + "\r\n",
		"POST /device/v1/registrations HTTP/1.1\r\n",
		"POST /control/v1/faults HTTP/1.1\r\nAuthorization: Bearer " + controlToken + "\r\n",
	} {
		status, body := halfOpen(t, s.url, head)
		if status != http.StatusBadRequest || !strings.Contains(body, "did not arrive in time") {
			t.Errorf("%q is answered %d: %s", head, status, body)
		}
	}

	uuid, err := backend.CreateApprovalRequest(t.Context(), id, authy.NewApprovalRequest{Message: "Log in?"})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-heard:
		if got != uuid {
			t.Errorf("heard of %s, want %s", got, uuid)
		}
	case <-time.After(patience):
		t.Error("the stream has heard of nothing")
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the stream ended with %v", err)
	}
}

// halfOpen sends 4 bytes of a body of 90, and returns the answer once the server has closed the connection.
func halfOpen(t *testing.T, url, head string) (status int, body string) {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_, err = io.WriteString(connection, head+"Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{\"a\"")
	if err == nil {
		err = connection.SetReadDeadline(time.Now().Add(patience))
	}
	if err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(connection)
	answer, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection stays open: %v", err)
	}
	return answer.StatusCode, string(text)
}
