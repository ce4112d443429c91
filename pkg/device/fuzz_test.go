package device_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/pkg/device"
)

// streamOf is a server without a network that sends one stream, in pieces of its own choice.
type streamOf struct{ pieces func() io.Reader }

func (s streamOf) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/event-stream"}}, Request: r,
		Body: io.NopCloser(s.pieces()),
	}, nil
}

// listenTo hears all of one stream, and returns how the listening ended: nil when it would connect again.
func listenTo(t *testing.T, stream func() io.Reader) (heard []device.Push, last int64, err error) {
	t.Helper()
	d, err := device.Open(credentials(t), serverURL, &http.Client{Transport: streamOf{stream}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = d.Pushes(ctx, func(_ context.Context, push device.Push) error {
		heard = append(heard, push)
		return nil
	}, device.OnRetry(func(error, time.Duration) { cancel() }))
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return heard, d.Credentials().LastEventID, err
}

// Whatever a server sends, the device neither panics nor hangs, takes no push without number and request, and hears the
// same however the network cuts the stream into pieces.
func FuzzPushes(f *testing.F) {
	for _, stream := range []string{
		pushEvent, pushEvent + endOfDevice, endOfDevice, "", "\n", "\r", "\r\n", "\ufeff", "\ufeff\ufeff" + pushEvent, "\xef", "\xef\xbb",
		strings.ReplaceAll(pushEvent, "\n", "\r\n"), strings.ReplaceAll(pushEvent, "\n", "\r"), ": ping\n\n" + pushEvent,
		"id: 7\nevent: push\ndata: {\n\n", "id:\x00\ndata\n\n", "event: push\ndata: {}\n\n", "data:\ndata:\n\n", "id: 9223372036854775808\n" + pushEvent,
		"id: 8\nevent: push\ndata: {\"type\":\"news\"}\n\n", "id: 7\nevent: push\ndata: " + pushData + "\r\r\nid: 8\n\n", pushEvent[:len(pushEvent)-1],
	} {
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, stream string) {
		heard, last, err := listenTo(t, func() io.Reader { return strings.NewReader(stream) })
		for _, push := range heard {
			if push.ID <= 0 || push.ApprovalRequestUUID == "" || push.Type != device.ApprovalRequestPush {
				t.Errorf("heard %+v in %q", push, stream)
			}
		}
		if n := len(heard); err == nil && n > 0 && !slices.Contains(numbersIn(stream), last) {
			t.Errorf("the last event is %d in %q", last, stream)
		}
		if err != nil && strings.Contains(err.Error(), "Go ") {
			t.Errorf("%q: %v", stream, err)
		}
		pieces, lastOfPieces, errOfPieces := listenTo(t, func() io.Reader { return iotest.OneByteReader(strings.NewReader(stream)) })
		if diff := cmp.Diff(heard, pieces); diff != "" || last != lastOfPieces || (err == nil) != (errOfPieces == nil) {
			t.Errorf("%q byte by byte: %v and %v, %d and %d:\n%s", stream, err, errOfPieces, last, lastOfPieces, diff)
		}
	})
}

func numbersIn(stream string) []int64 {
	var numbers []int64
	for _, field := range strings.FieldsFunc(stream, func(r rune) bool { return strings.ContainsRune(": \r\n", r) }) {
		if n, err := strconv.ParseInt(field, 10, 64); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// Any message comes through the stream as it was sent, whatever line ends the server uses.
func FuzzAlert(f *testing.F) {
	for _, alert := range []string{"Log in?", "", "\x1b[31m", "a\r\nb\n\nid: 9\n\n", "\u2028\ufeff", "data: x", `"\`, "😀", "\x00"} {
		f.Add(alert)
	}
	f.Fuzz(func(t *testing.T, alert string) {
		want := []device.Push{{Type: device.ApprovalRequestPush, ApprovalRequestUUID: "u", Alert: replaceBroken(alert)}}
		data := string(toJSON(t, want[0]))
		want[0].ID = 7
		for _, end := range []string{"\n", "\r\n", "\r"} {
			stream := strings.ReplaceAll("id: 7\nevent: push\ndata: "+data+"\n\n", "\n", end)
			heard, last, err := listenTo(t, func() io.Reader { return strings.NewReader(stream) })
			if diff := cmp.Diff(want, heard); diff != "" || last != 7 || err != nil {
				t.Errorf("%q: %d, %v (-want +got):\n%s", stream, last, err, diff)
			}
		}
	})
}

// replaceBroken is what encoding/json makes of text that is not UTF-8: the test is about the stream, not about that.
func replaceBroken(text string) string { return string([]rune(text)) }
