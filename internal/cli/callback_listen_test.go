package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/callbackaudit"
	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// listening runs a receiver, and returns where it is and how it ends.
func listening(ctx context.Context, t *testing.T, streams *output.Streams, args ...string) (url string, ended <-chan error) {
	t.Helper()
	f := testFactory()
	f.Streams = streams
	o := &callbackListenOptions{display: f.display()}
	if err := newCmdCallbackListen(f, o).ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	listener, err := listen(ctx, anyLocalPort)
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	l := newCallbackListener(ctx, o, []string{"the-key"}, nil)
	go func() { result <- l.serve(ctx, listener) }()
	return urlOf(listener.Addr()) + "/callback", result
}

func sendCallback(t *testing.T, url string) error {
	t.Helper()
	request, err := callback.NewRequest(t.Context(), "the-key", newNonce(), "POST", url,
		[]byte(`{"authy_id":1,"callback_action":"approval_request_status","uuid":"u","status":"denied"}`))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

// signalling is a pipe whose reader hears of what is written.
type signalling struct{ written chan string }

func (s signalling) Write(p []byte) (int, error) {
	s.written <- string(p)
	return len(p), nil
}

// A callback that is left hanging has been told of, and holds up nobody who wants to stop.
func TestListenHangs(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string][]string{"never": {"--hang"}, "late": {"--delay", "1h"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			streams, _, _, _ := output.Test()
			out := signalling{make(chan string, 1)}
			streams.Out = out
			url, ended := listening(ctx, t, streams, flags...)
			var client sync.WaitGroup
			client.Go(func() { _ = sendCallback(t, url) }) // it may still be answered, or not
			if told := <-out.written; !strings.Contains(told, "\tverified\t") {
				t.Errorf("told %q", told)
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
			client.Wait()
		})
	}
}

// broken is a pipe that nobody reads any more.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestListenEndsWithItsReader(t *testing.T) {
	t.Parallel()
	streams, _, _, _ := output.Test()
	streams.Out = broken{}
	url, ended := listening(t.Context(), t, streams, "--count", "2")
	if err := sendCallback(t, url); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("ended with %v", err)
	}
}

// onTerminal is what a person at a terminal of 80 columns without colours sees.
func onTerminal(t *testing.T, write func(*output.Streams) error) string {
	t.Helper()
	streams, _, out, complaints := output.Test()
	streams.Terminal.Out, streams.Terminal.Err, streams.Terminal.Unicode = true, true, true
	if err := write(streams); err != nil {
		t.Fatal(err)
	}
	return out.String() + complaints.String()
}

func TestReceivedOnATerminal(t *testing.T) {
	t.Parallel()
	long := "http://127.0.0.1:3000/callback?" + strings.Repeat("a=b&", 20)
	for name, test := range map[string]struct {
		c    receivedCallback
		want []string
	}{
		"right": {
			receivedCallback{Verdict: verdictVerified, Method: "GET", URL: long, Status: "approved", AuthyID: 1000, UUID: "996201c0",
				Message: "Pay\x1b[31m?", Answered: 200, Forwarded: 200},
			[]string{"verified  GET http://127.0.0.1:3000/callback?…  answered 200", "approved by user 1000: Pay␛[31m?", "request 996201c0",
				"the handler answered 200 OK"},
		},
		"wrong": {
			receivedCallback{Verdict: verdictSignature, Method: "POST", URL: "http://a/", Reason: "not made by this API key",
				Mistakes: []shownMistake{{"scheme", "signed for https", "verify with the URL"}}, ForwardError: "cannot be forwarded"},
			[]string{"wrong signature  POST http://a/  no answer", "not made by this API key", "- signed for https", "mend: verify with the URL",
				"cannot be forwarded"},
		},
		"odd status": {receivedCallback{Verdict: verdictStale, Answered: 299}, []string{"answered 299"}},
	} {
		got := onTerminal(t, func(s *output.Streams) error { return writeReceived(s, test.c) })
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %q is not in\n%s", name, want, got)
			}
		}
	}
}

func TestAuditOnATerminal(t *testing.T) {
	t.Parallel()
	report := callbackaudit.Report{Told: true, Severe: 1, Warning: 1}
	for _, c := range callbackaudit.Cases() {
		report.Results = append(report.Results, callbackaudit.Result{
			Case: c.Name, Title: c.Title, Severity: c.Severity, Verdict: callbackaudit.Fault, Safe: c.Safe, Mend: c.Mend,
			Did: "answered 200 to a right callback, but accepts one that was signed for https, but checked for http",
		})
	}
	got := onTerminal(t, func(s *output.Streams) error { return writeAudit(s, report) })
	for line := range strings.Lines(got) {
		if width := lipgloss.Width(strings.TrimSuffix(line, "\n")); width > 80 {
			t.Errorf("%d columns: %s", width, line)
		}
	}
	severe, note := strings.LastIndex(got, "severe  "), strings.Index(got, "\nnote  ")
	if severe < 0 || note < severe || !strings.Contains(got, "1 severe, 1 warning, 0 notes; 0 safe, 0 not known.") {
		t.Errorf("got\n%s", got)
	}
}

func TestExplanationMarksTheDifference(t *testing.T) {
	t.Parallel()
	front := strings.Repeat("é=1&", 40)
	e := callback.Explanation{Expected: front + "b=2" + strings.Repeat("x", 200), Other: front + "c=2", OtherSigned: true}
	lines := strings.Split(onTerminal(t, func(s *output.Streams) error { return writeExplanation(s, e) }), "\n")
	var mark []rune
	at := 0
	for i, line := range lines {
		if strings.HasSuffix(line, "^") {
			mark, at = []rune(line), i
		}
	}
	if at < 2 || []rune(lines[at-2])[len(mark)-1] != 'b' || []rune(lines[at-1])[len(mark)-1] != 'c' {
		t.Errorf("got\n%s", strings.Join(lines, "\n"))
	}
	for _, line := range lines[at-2 : at] {
		if lipgloss.Width(line) > 80 {
			t.Errorf("too wide: %s", line)
		}
	}
}

// A payload without end is not read to its end.
func TestPayloadIsBounded(t *testing.T) {
	t.Parallel()
	streams, in, _, _ := output.Test()
	in.Write(bytes.Repeat([]byte("a"), maxPayload+1))
	if _, err := readPayload(streams); err == nil || !strings.Contains(err.Error(), "more than 16 MiB") {
		t.Errorf("got %v", err)
	}
	streams.In = iotestErr{}
	if _, err := readPayload(streams); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

// iotestErr is an input that breaks off.
type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestThisMachine(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"127.0.0.1": true, "::1": true, "localhost": true, "0.0.0.0": true, "192.0.2.1": false, "2001:db8::1": false,
	} {
		if got := ofThisMachine(t.Context(), host); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

// Whatever comes, the receiver answers it and tells of it in one line of JSON.
func FuzzListen(f *testing.F) {
	f.Add("POST", "/callback", "1", "AAAA", "application/json", []byte(`{"a":1}`))
	f.Add("GET", "/?a=%zz&b=1;c", "1|2", "", "", []byte{})
	f.Add("TRACE", "//x", "\x00", "é", "text/html; charset", []byte("{\"a\":\"\x1b[2J\"}"))
	f.Add("POST", "http://[::1]:80/", "1512923419", "+fyGys+d5yNJx9SpeKZdf+N77od1t1cC/fVSWDW2+kY=", "a/b+json", []byte(`{"a":1,"a":2}`))
	f.Fuzz(func(t *testing.T, method, target, nonce, signature, contentType string, body []byte) {
		if !utf8.ValidString(method) || strings.ContainsAny(method, " \r\n") || method == "" {
			return // no server passes on such a method
		}
		u, err := url.Parse(target)
		if err != nil {
			return
		}
		streams, _, out, _ := output.Test()
		o := &callbackListenOptions{display: display{streams: streams, answer: jsonAnswer(t)}}
		l := newCallbackListener(t.Context(), o, []string{"the-key"}, nil)
		r := &http.Request{
			Method: method, URL: u, Host: "localhost:3000", Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
			Header: http.Header{callback.NonceHeader: {nonce}, callback.SignatureHeader: {signature}, "Content-Type": {contentType}},
		}
		w := httptest.NewRecorder()
		l.ServeHTTP(w, r.WithContext(t.Context()))
		var told receivedCallback
		if err := json.Unmarshal(out.Bytes(), &told); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
			t.Fatalf("told %q: %v", out, err)
		}
		if told.Valid() || told.Reason == "" || w.Code != http.StatusForbidden || l.failed != nil {
			t.Fatalf("answered %d, told %s", w.Code, out)
		}
	})
}

// jsonAnswer is that of --json with every field.
func jsonAnswer(t *testing.T) *answer {
	t.Helper()
	cmd := &cobra.Command{Use: "x", Run: func(*cobra.Command, []string) {}}
	a := addAnswerFlags(cmd, receivedCallback{}, "")
	cmd.SetArgs([]string{"--json", strings.Join(output.FieldsOf(receivedCallback{}), ",")})
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}
