package migrate

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/internal/server/wire"
	"github.com/onetouchkit/onetouch/pkg/approval"
)

// End is how an approval flow ended: a status of its request, or that there is none.
type End string

// Ends beside the statuses.
const (
	Refused     End = "refused"      // the question was not taken
	NotRecorded End = "not recorded" // it was taken; nobody looked how it stood
)

// answered reports whether a phone has answered.
func (e End) answered() bool { return approval.Status(e).Answered() }

// Flow is an approval request from its question to its end, as it was recorded.
type Flow struct {
	Number int    // in the recording, from 1
	UUID   string // "": it has none, or it is not known
	User   string // as the path names the user
	Ask
	End      End
	After    time.Duration // from the question to the answer or, of a pending one, to the last poll
	Reason   string
	Callback Callback

	// missing says why the flow cannot be made again, failed why nothing was asked.
	missing, failed string
	// who asked whom, where that was wrong: with a wrong key, an unknown user, or one without a device.
	wrongKey, unknownUser, noDevice bool
	anything                        bool // what was asked is not known, and does not matter

	askedAt  time.Time
	refusal  string // such as "400, 60004"
	deviceID int64  // that answered
	phones   int    // of the user: how many there were, or answered in the whole recording
}

// flows finds the approval flows among the calls.
type flows struct {
	Recording
	finder  finder
	list    []*Flow
	byUUID  map[string]*Flow
	without map[string]bool // users who were last seen without a device
	calls   int             // of the Authy API
	unknown int             // of something else
}

// flowsOf are the approval flows of a recording, in the order in which they began.
func flowsOf(r Recording) *flows {
	f := &flows{Recording: r, finder: newFinder(), byUUID: map[string]*Flow{}, without: map[string]bool{}}
	// A question can be recorded behind the first poll: calls are, when they have ended.
	for _, call := range r.Calls {
		f.each(call, f.begin)
	}
	for _, call := range r.Calls {
		f.each(call, f.follow)
	}
	f.countPhones()
	return f
}

// each hands over a call with what it is of the Authy API; "": nothing.
func (f *flows) each(call Seen, take func(call Seen, name string, r *http.Request)) {
	r, err := call.request()
	if err != nil {
		take(call, "", nil)
		return
	}
	e, found := f.finder.find(r)
	if !found {
		take(call, "", r)
		return
	}
	take(call, nameOf(e), r)
}

// begin counts a call, and begins a flow with one that asks.
func (f *flows) begin(call Seen, name string, r *http.Request) {
	switch name {
	case "":
		f.unknown++
		return
	case createApprovalRequest:
		f.asked(call, r)
	case askUserStatus:
		f.userSeen(call, r)
	}
	f.calls++
}

// follow looks how flows went on.
func (f *flows) follow(call Seen, name string, r *http.Request) {
	switch name {
	case "":
		f.heard(call)
	case pollApprovalRequest:
		f.polled(call, r)
	}
}

// pathValue is what the path of a call has in the place of {name}.
func pathValue(call string, r *http.Request, name string) string {
	_, path, _ := strings.Cut(call, " ")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	for i, part := range strings.Split(strings.Trim(path, "/"), "/") {
		if part == "{"+name+"}" && i < len(parts) {
			return parts[i]
		}
	}
	return ""
}

// asked begins a flow.
func (f *flows) asked(call Seen, r *http.Request) {
	answer := call.answer()
	flow := &Flow{
		Number: len(f.list) + 1, UUID: cmp.Or(call.RequestUUID, textOf(answer, "approval_request", "uuid")),
		User: pathValue(createApprovalRequest, r, "id"), End: NotRecorded, askedAt: call.At,
	}
	f.list = append(f.list, flow)
	told, known := f.Told[flow.UUID]
	flow.read(call, r, told, known)
	flow.standsBy(call, cmp.Or(call.ErrorCode, textOf(answer, "error_code")))
	if flow.End == Refused {
		return
	}
	flow.noDevice = f.without[flow.User]
	if flow.UUID != "" {
		f.byUUID[flow.UUID] = flow
	}
	if known {
		flow.ended(told)
	}
}

// read finds out what was asked. What is told of the request is better than the call, in which values may be left out; but
// only the call says whether a day was asked for.
func (f *Flow) read(call Seen, r *http.Request, told Told, known bool) {
	given, err := parameters.Read(r, wire.MaxBody)
	if err == nil {
		f.Ask, err = askOf(given)
	}
	switch {
	case known && (call.Cut || err != nil):
		f.Ask = told.ask()
	case known:
		f.Question = told.Question
	case call.Cut:
		f.missing = "the recording has not all of the body of the call"
	case err != nil:
		f.missing = "the body of the call cannot be read: " + err.Error()
	default:
		f.missing = redaction(f.Ask)
	}
}

// redaction says which value was blotted out before the recording was passed on: what it was, and how long, is not known.
func redaction(a Ask) string {
	const why = " was blotted out in the recording"
	if blotted(a.Message) {
		return "the message" + why
	}
	for i, d := range a.Details {
		if blotted(d.Value) || blotted(d.Name) {
			return fmt.Sprintf("detail %d", i+1) + why
		}
	}
	for i, d := range a.HiddenDetails {
		if blotted(d.Value) || blotted(d.Name) {
			return fmt.Sprintf("hidden detail %d", i+1) + why
		}
	}
	return ""
}

// blotted reports whether a text is what tools put in the place of a secret.
func blotted(text string) bool {
	const least = 3
	bare := strings.ToLower(strings.Trim(text, "[]<>(){}%"))
	switch bare {
	case "redacted", "filtered", "masked", "removed", "scrubbed":
		return true
	}
	return text == "…" || len(bare) >= least && (strings.Trim(bare, "*") == "" || strings.Trim(bare, "•") == "")
}

// standsBy says what became of the question by the answer of the call.
func (f *Flow) standsBy(call Seen, code string) {
	f.refusal = strings.TrimSuffix(fmt.Sprintf("%d, %s", call.Status, code), ", ")
	if call.Status >= http.StatusOK && call.Status < http.StatusMultipleChoices {
		f.taken()
		return
	}
	if call.Status == 0 && f.UUID != "" {
		return
	}
	f.End = Refused
	switch {
	case call.Status <= 0:
		f.failed = "the call got no answer"
	case call.Status == http.StatusUnauthorized:
		f.wrongKey = true
		f.askAnything()
	case call.Status == http.StatusNotFound && slices.Contains([]string{"", "60026", "60016"}, code):
		f.unknownUser = true
		f.askAnything()
	case code == "60050":
		f.noDevice = true
	case !slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge}, call.Status):
		f.failed = "the service refused the call for a reason that is not the question (" + f.refusal + ")"
	case f.missing != "" && !call.Cut:
		f.failed, f.missing = "the call was refused before it was a question ("+f.refusal+")", ""
	}
}

// askAnything is for a call that was refused because of who asked, or whom: what, does not matter then.
func (f *Flow) askAnything() { f.anything, f.missing = f.missing != "", "" }

// taken looks whether there is a question at all: one that was taken has a message.
func (f *Flow) taken() {
	if f.missing == "" && strings.TrimSpace(f.Message) == "" {
		f.missing = "the call was taken, but the recording has no message: its body was left out"
	}
}

// ended says how the flow ended, by what is told of its request.
func (f *Flow) ended(t Told) {
	f.End, f.Reason, f.Callback, f.deviceID = End(t.Status), t.Reason, t.Callback, t.DeviceID
	f.noDevice, f.phones = t.Devices == 0 && !f.End.answered(), max(t.Devices, 0)
	f.askedAt = t.CreatedAt
	f.lasted(t.ProcessedAt)
}

// lasted takes the time of the answer, or of a look.
func (f *Flow) lasted(until time.Time) {
	if f.askedAt.IsZero() || until.Before(f.askedAt) {
		return
	}
	f.After = until.Sub(f.askedAt).Truncate(time.Second)
}

// polled looks at how a request stood.
func (f *flows) polled(call Seen, r *http.Request) {
	uuid := cmp.Or(call.RequestUUID, pathValue(pollApprovalRequest, r, "uuid"))
	flow := f.byUUID[uuid]
	if flow == nil {
		f.polledUnasked(call, uuid)
		return
	}
	if _, told := f.Told[flow.UUID]; told {
		if flow.End == End(approval.Pending) {
			flow.lasted(call.At)
		}
		return
	}
	answer := call.answer()
	status := approval.Status(textOf(answer, "approval_request", "status"))
	if flow.End.decided() || !slices.Contains(approval.Statuses(), status) {
		return
	}
	flow.End = End(status)
	if at, err := time.Parse(time.RFC3339, textOf(answer, "approval_request", "created_at")); err == nil {
		flow.askedAt = at
	}
	until := call.At
	if at, err := time.Parse(time.RFC3339, textOf(answer, "approval_request", "processed_at")); err == nil {
		until = at
	}
	flow.lasted(until)
	flow.noDevice = flow.noDevice && !status.Answered()
}

// polledUnasked is for a request whose question is not in the recording. One that the service does not know is none.
func (f *flows) polledUnasked(call Seen, uuid string) {
	if uuid == "" || call.Status < http.StatusOK || call.Status >= http.StatusMultipleChoices {
		return
	}
	flow := &Flow{
		Number: len(f.list) + 1, UUID: uuid, End: NotRecorded, Ask: Ask{Question: f.Told[uuid].Question},
		missing: "its question is not among the calls: it was asked before, or the answer with its UUID was not recorded",
	}
	if told, known := f.Told[uuid]; known {
		flow.ended(told)
	}
	f.list, f.byUUID[uuid] = append(f.list, flow), flow
}

func (e End) decided() bool { return e != NotRecorded && approval.Status(e).Decided() }

// heard looks whether a call that is none of the Authy API's is a callback, as a proxy before the backend records it.
func (f *flows) heard(call Seen) {
	if !strings.Contains(call.Body, "approval_request_status") {
		return
	}
	body := Seen{Answer: call.Body, AnswerType: call.ContentType}.answer()
	status := approval.Status(textOf(body, "status"))
	flow := f.byUUID[textOf(body, "uuid")]
	if flow == nil || !status.Answered() {
		return
	}
	flow.Callback = CallbackNotTaken
	if call.Status >= http.StatusOK && call.Status < http.StatusMultipleChoices {
		flow.Callback = CallbackTaken
	}
	if flow.End.decided() {
		return
	}
	flow.End, flow.noDevice = End(status), false
	flow.lasted(call.At)
}

// userSeen remembers whether a user has a device.
func (f *flows) userSeen(call Seen, r *http.Request) {
	if registered, given, err := call.answer().Bool("status", "registered"); given && err == nil {
		f.without[pathValue(askUserStatus, r, "id")] = !registered
	}
}

// countPhones counts, for each flow, with how many phones its user has answered, which may be more than are known.
func (f *flows) countPhones() {
	phones := map[string]map[int64]bool{}
	for _, flow := range f.list {
		if flow.deviceID == 0 {
			continue
		}
		if phones[flow.User] == nil {
			phones[flow.User] = map[int64]bool{}
		}
		phones[flow.User][flow.deviceID] = true
	}
	for _, flow := range f.list {
		flow.phones = max(flow.phones, len(phones[flow.User]))
	}
}

// textOf is a text of an answer; "" when there is none.
func textOf(answer *parameters.Parameters, path ...string) string {
	text, _, err := answer.String(path...)
	if err != nil {
		return ""
	}
	return text
}
