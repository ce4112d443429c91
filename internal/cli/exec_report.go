package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// execReport is what happened at a server while a command ran. It has no durations, no ports and no times but those of the
// server's clock, so that two runs with the same identifiers and the same clock have the same report.
type execReport struct {
	Command          []string          `json:"command"`
	ExitCode         ExitCode          `json:"exit_code"`
	Calls            []reportedCall    `json:"calls"` // of the Authy API, in the order in which they ended
	ApprovalRequests []reportedRequest `json:"approval_requests"`
	Webhooks         []reportedSending `json:"webhooks"`
	Faults           []reportedFault   `json:"faults"` // each hit
}

// reportedCall is a call of the Authy API. A GET that ended as one before it is not listed again: how often a backend polls
// is a matter of time.
type reportedCall struct {
	Method      string `json:"method"`
	Path        string `json:"path"`
	Status      int    `json:"status"` // 0: there was no answer
	ErrorCode   string `json:"error_code"`
	RequestUUID string `json:"request_uuid"`
	Fault       string `json:"fault"`
	Request     string `json:"request"`  // its body without secrets, if that was no longer than what is kept of one
	Response    string `json:"response"` // of a call that was refused
}

// reportedRequest is an approval request and what became of it.
type reportedRequest struct {
	UUID   string          `json:"uuid"`
	Status onetouch.Status `json:"status"`
	onetouch.Question
	AuthyID     int64             `json:"authy_id"`
	AppName     string            `json:"app_name"`
	CreatedAt   time.Time         `json:"created_at"`
	ExpiresAt   *time.Time        `json:"expires_at"`
	ProcessedAt *time.Time        `json:"processed_at"`
	DeviceID    *int64            `json:"device_id"`
	Devices     int               `json:"devices"` // that the user has had at once, at most
	Reason      string            `json:"reason"`
	Story       []reportedEvent   `json:"story"`
	Callbacks   []reportedSending `json:"callbacks"`
}

// reportedEvent is something that happened to a request.
type reportedEvent struct {
	At   time.Time          `json:"at"`
	Type onetouch.EventType `json:"type"`
	Note string             `json:"note"`
}

// reportedSending is a callback or what was sent to a webhook, with each attempt.
type reportedSending struct {
	Kind     onetouch.DeliveryKind  `json:"kind"`
	Event    onetouch.EventType     `json:"event"` // that a webhook is told of
	Method   string                 `json:"method"`
	URL      string                 `json:"url"`
	State    onetouch.DeliveryState `json:"state"`
	Fault    string                 `json:"fault"`
	Error    string                 `json:"error"` // of the last attempt; "" when it was taken
	Attempts []reportedAttempt      `json:"attempts"`
}

type reportedAttempt struct {
	StatusCode int    `json:"status_code"` // 0: there was no answer
	Error      string `json:"error"`
}

// reportedFault is a hit of a fault.
type reportedFault struct {
	API         traffic.API `json:"api"`
	Method      string      `json:"method"`
	Path        string      `json:"path"`
	RequestUUID string      `json:"request_uuid"`
	Fault       string      `json:"fault"`
}

// Formats of a report.
const (
	reportJSON  = "json"
	reportJUnit = "junit"
)

// reportFile is where a report goes, and how.
type reportFile struct {
	path   string      // "": there is none
	given  func() bool // whether somebody named one
	format string      // "": as the name says
}

// check finds the format, and makes sure that the file can be written: before the command runs rather than after.
func (r *reportFile) check() error {
	if r.path == "" {
		if r.given != nil && r.given() {
			return usageError("--report is empty: name a file, or leave it out")
		}
		if r.format != "" {
			return usageError("--report-format is of use with --report FILE only")
		}
		return nil
	}
	if r.format == "" {
		r.format = map[string]string{".json": reportJSON, ".xml": reportJUnit}[strings.ToLower(filepath.Ext(r.path))]
	}
	if r.format == "" {
		return usageError("--report %s is neither .json nor .xml: say which with --report-format json or junit", r.path)
	}
	return nil
}

// readable is the mode of a report, which others may read: it has no secrets of the server, and none that stand in a URL.
const readable = 0o644

// prepare makes sure that the file can be written.
func (r *reportFile) prepare() error {
	if r.path == "" {
		return nil
	}
	file, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE, readable)
	if err != nil {
		return fmt.Errorf("--report cannot be written: %w", err)
	}
	return file.Close()
}

// write writes the report.
func (r *reportFile) write(report execReport) error {
	text, err := report.text(r.format)
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.path, text, readable); err != nil {
		return fmt.Errorf("writing --report: %w", err)
	}
	return nil
}

// execReporter collects what a report needs and the server does not remember for good: the calls.
type execReporter struct {
	control *controlapi.Client
	hangUp  func()
	stop    context.CancelFunc
	heard   sync.WaitGroup
	last    int64 // number of the last call that it has heard of
	calls   execCalls
	err     error
}

// newExecReporter returns a reporter that hears every call from now on.
func newExecReporter(ctx context.Context, s *server.Server, token string) (*execReporter, error) {
	client, hangUp := s.Within()
	ctx, stop := context.WithCancel(ctx)
	r := &execReporter{
		control: controlapi.NewClient(server.InProcessURL, token, client), hangUp: hangUp, stop: stop,
		calls: newExecCalls(),
	}
	earlier, err := r.control.Calls(ctx, controlapi.CallQuery{Latest: 1})
	if err != nil {
		r.close()
		return nil, err
	}
	for _, call := range earlier {
		r.last = call.ID
	}
	ready := make(chan struct{})
	r.heard.Go(func() {
		query := controlapi.CallQuery{After: r.last}
		r.err = r.control.FollowCalls(ctx, query, func() { close(ready) }, func(call controlapi.Call) error {
			r.calls.add(call)
			r.last = max(r.last, call.ID)
			return nil
		})
	})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.heard.Wait()
	}()
	select {
	case <-ready:
		return r, nil
	case <-ended:
		r.close()
		return nil, fmt.Errorf("hearing of calls: %w", r.err)
	}
}

func (r *execReporter) close() {
	r.stop()
	r.heard.Wait()
	r.hangUp()
}

// report says what happened.
func (r *execReporter) report(ctx context.Context, command []string, code ExitCode) (execReport, error) {
	report := execReport{Command: command, ExitCode: code}
	r.stop()
	r.heard.Wait()
	if r.err != nil && !errors.Is(r.err, context.Canceled) {
		return report, fmt.Errorf("hearing of calls: %w", r.err)
	}
	rest, err := r.control.Calls(ctx, controlapi.CallQuery{After: r.last})
	if err != nil {
		return report, err
	}
	for _, call := range rest {
		r.calls.add(call)
	}
	report.Calls, report.Faults = r.calls.listed, r.calls.faults()
	err = r.addStories(ctx, &report)
	return report, err
}

// addStories adds the requests, in the order in which they were made, each with what happened to it.
func (r *execReporter) addStories(ctx context.Context, report *execReport) error {
	requests, err := r.control.ApprovalRequests(ctx, controlapi.ApprovalRequestQuery{})
	if err != nil {
		return err
	}
	events, err := r.control.Events(ctx, controlapi.EventQuery{Types: storyEvents()})
	if err != nil {
		return err
	}
	deliveries, err := r.control.FindDeliveries(ctx, controlapi.DeliveryQuery{})
	if err != nil {
		return err
	}
	slices.SortFunc(deliveries, func(a, b controlapi.Delivery) int { return cmp.Compare(a.ID, b.ID) })
	report.ApprovalRequests, report.Webhooks = []reportedRequest{}, []reportedSending{}
	at, devices := map[string]int{}, deviceCounts(events)
	for _, event := range events {
		if event.Type == onetouch.EventRequestCreated {
			i := slices.IndexFunc(requests, func(r controlapi.ApprovalRequest) bool { return r.UUID == event.RequestUUID })
			if i < 0 {
				continue
			}
			at[event.RequestUUID] = len(report.ApprovalRequests)
			report.ApprovalRequests = append(report.ApprovalRequests, reportedRequestOf(requests[i]))
		}
		if i, known := at[event.RequestUUID]; known {
			one := &report.ApprovalRequests[i]
			one.Story = append(one.Story, reportedEvent{At: event.At, Type: event.Type, Note: withoutPorts(event.Note)})
		}
	}
	for i := range report.ApprovalRequests {
		report.ApprovalRequests[i].Devices = devices[report.ApprovalRequests[i].AuthyID]
	}
	for _, delivery := range deliveries {
		i, known := at[delivery.RequestUUID]
		switch { // of pushes nothing is said: whether a phone hears of a request before it is over is a matter of time
		case delivery.Kind.Signed() && known:
			one := &report.ApprovalRequests[i]
			one.Callbacks = append(one.Callbacks, reportedSendingOf(delivery))
		case delivery.WebhookID != "":
			report.Webhooks = append(report.Webhooks, reportedSendingOf(delivery))
		}
	}
	return nil
}

// deviceCounts is how many devices each user has had at once, at most: how many they had when they were asked can be a matter
// of time, where a user without a phone gets one.
func deviceCounts(events []controlapi.Event) map[int64]int {
	now, most := map[int64]int{}, map[int64]int{}
	for _, event := range events {
		switch event.Type {
		case onetouch.EventDeviceRegistered:
			now[event.AuthyID]++
			most[event.AuthyID] = max(most[event.AuthyID], now[event.AuthyID])
		case onetouch.EventDeviceRemoved:
			now[event.AuthyID]--
		}
	}
	return most
}

// storyEvents are those of a request, without its pushes, and those by which a user has devices.
func storyEvents() []onetouch.EventType {
	return []onetouch.EventType{
		onetouch.EventDeviceRegistered, onetouch.EventDeviceRemoved,
		onetouch.EventRequestCreated, onetouch.EventRequestResponded, onetouch.EventRequestExpired, onetouch.EventCallbackSent,
		onetouch.EventCallbackFailed, onetouch.EventCallbackRetried,
	}
}

func reportedRequestOf(r controlapi.ApprovalRequest) reportedRequest {
	return reportedRequest{
		UUID: r.UUID, Status: r.Status, Question: r.Question, AuthyID: r.AuthyID, AppName: r.AppName, CreatedAt: r.CreatedAt,
		ExpiresAt: r.ExpiresAt, ProcessedAt: r.ProcessedAt, DeviceID: r.DeviceID, Reason: r.Reason, Story: []reportedEvent{},
		Callbacks: []reportedSending{},
	}
}

func reportedSendingOf(d controlapi.Delivery) reportedSending {
	sending := reportedSending{
		Kind: d.Kind, Event: d.Event, Method: d.Method, URL: reportedURL(d.URL), State: d.State, Fault: d.Fault,
		Error: withoutPorts(d.LastError), Attempts: []reportedAttempt{},
	}
	for _, attempt := range d.Attempts {
		sending.Attempts = append(sending.Attempts, reportedAttempt{
			StatusCode: attempt.StatusCode, Error: withoutPorts(attempt.Error),
		})
	}
	return sending
}

// portsOfThisMachine are what receivers that a test suite starts have: another port each time. It is compiled for a
// report only, and not by every command.
var portsOfThisMachine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(127\.0\.0\.1|localhost|\[::1\]):[0-9]+`)
})

// reportedURL is a URL as others may read it.
func reportedURL(address string) string { return withoutPorts(redacted(address)) }

func withoutPorts(text string) string { return portsOfThisMachine().ReplaceAllString(text, "$1") }

// text is the report in a format.
func (r execReport) text(format string) ([]byte, error) {
	if format == reportJUnit {
		return r.junit()
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing --report: %w", err)
	}
	return append(text, '\n'), nil
}
