package migrate

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/approval"
)

// MaxRecording is how long a recording may be, in bytes.
const MaxRecording = 64 << 20

// Errors of reading a recording.
var (
	ErrTooLong      = errors.New("the recording is longer than 64 MiB: record less, or leave out other hosts")
	ErrNoRecording  = errors.New("this is neither an HTTP archive (HAR) nor a report of 'onetouch exec --report FILE.json'")
	ErrEmpty        = errors.New("the recording is empty: nothing was written into it")
	ErrRecordingCut = errors.New("the recording is cut off: it ends in the middle")
)

// recording is an HTTP archive, or a report of exec. Source of the first: HAR 1.2.
type recording struct {
	Log *struct {
		Entries []harEntry `json:"entries"`
	} `json:"log"`
	Calls            []reportCall    `json:"calls"`
	ApprovalRequests []reportRequest `json:"approval_requests"`
}

type harEntry struct {
	StartedDateTime any `json:"startedDateTime"` // a text, if it is as it should be
	Request         struct {
		Method   string `json:"method"`
		URL      string `json:"url"`
		PostData *struct {
			MimeType string `json:"mimeType"`
			Text     string `json:"text"`
			Params   []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"params"`
		} `json:"postData"`
		BodySize int `json:"bodySize"`
	} `json:"request"`
	Response struct {
		Status  int `json:"status"`
		Content struct {
			MimeType string `json:"mimeType"`
			Text     string `json:"text"`
			Encoding string `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
}

// answer is the body of the response, which browsers write in base64 where they take it for no text.
func (e harEntry) answer() string {
	content := e.Response.Content
	if content.Encoding != "base64" {
		return content.Text
	}
	text, err := base64.StdEncoding.DecodeString(content.Text)
	if err != nil {
		return ""
	}
	return string(text)
}

type reportCall struct {
	Method      string `json:"method"`
	Path        string `json:"path"`
	Status      int    `json:"status"`
	ErrorCode   string `json:"error_code"`
	RequestUUID string `json:"request_uuid"`
	Request     string `json:"request"` // its body; reports of older versions have none
}

// reportRequest is what a report tells of an approval request: what was asked, if not how, and what became of it.
type reportRequest struct {
	UUID string `json:"uuid"`
	approval.Question
	Status      approval.Status   `json:"status"`
	CreatedAt   time.Time         `json:"created_at"`
	ExpiresAt   time.Time         `json:"expires_at"`
	ProcessedAt time.Time         `json:"processed_at"`
	DeviceID    int64             `json:"device_id"`
	Devices     *int              `json:"devices"` // that the user has had at once, at most; reports of older versions do not say
	Reason      string            `json:"reason"`
	Callbacks   []reportedSending `json:"callbacks"`
}

type reportedSending struct {
	Kind  onetouch.DeliveryKind  `json:"kind"`
	State onetouch.DeliveryState `json:"state"`
}

func (r reportRequest) told() Told {
	t := Told{
		Question: r.Question, Status: r.Status, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, ProcessedAt: r.ProcessedAt,
		DeviceID: r.DeviceID, Reason: r.Reason, Callback: CallbackNone, Devices: DevicesUnknown,
	}
	if r.Devices != nil {
		t.Devices = *r.Devices
	}
	for _, sent := range r.Callbacks {
		switch {
		case sent.Kind != onetouch.DeliveryCallback:
		case sent.State == onetouch.DeliverySent:
			t.Callback = CallbackTaken
		default:
			t.Callback = CallbackNotTaken
		}
	}
	return t
}

// body is the call that asked it, as far as a report tells.
func (a Ask) body() ([]byte, error) {
	body := map[string]any{
		"message": a.Message, "details": a.Details, "hidden_details": a.HiddenDetails, "logos": a.Logos,
	}
	if a.SecondsToExpire != nil {
		body["seconds_to_expire"] = *a.SecondsToExpire
	}
	return json.Marshal(body)
}

// ReadRecording reads the calls in an HTTP archive, or in a report of 'onetouch exec'.
func ReadRecording(in io.Reader) (Recording, error) {
	content, err := io.ReadAll(io.LimitReader(in, MaxRecording+1))
	if err != nil {
		return Recording{}, fmt.Errorf("reading the recording: %w", err)
	}
	if len(content) > MaxRecording {
		return Recording{}, ErrTooLong
	}
	content = []byte(strings.TrimPrefix(string(content), "\uFEFF")) // which some browsers write
	if strings.TrimSpace(string(content)) == "" {
		return Recording{}, ErrEmpty
	}
	var r recording
	var syntax *json.SyntaxError
	if err := json.Unmarshal(content, &r); err != nil {
		begun := strings.HasPrefix(strings.TrimSpace(string(content)), "{")
		if begun && errors.As(err, &syntax) && syntax.Offset >= int64(len(content)) {
			return Recording{}, ErrRecordingCut
		}
		return Recording{}, ErrNoRecording
	}
	switch {
	case r.Log != nil:
		return Recording{Calls: r.archived()}, nil
	case r.Calls != nil:
		return r.reported(), nil
	default:
		return Recording{}, ErrNoRecording
	}
}

func (r recording) archived() []Seen {
	var seen []Seen
	for _, e := range r.Log.Entries {
		one := Seen{
			Method: e.Request.Method, Target: e.Request.URL, Status: e.Response.Status, Answer: e.answer(),
			AnswerType: e.Response.Content.MimeType,
		}
		if text, is := e.StartedDateTime.(string); is {
			one.At, _ = time.Parse(time.RFC3339, text) // zero when it is none
		}
		if data := e.Request.PostData; data != nil {
			one.ContentType, one.Body = data.MimeType, data.Text
			if data.Text == "" && len(data.Params) > 0 {
				fields := url.Values{}
				for _, p := range data.Params {
					fields.Add(p.Name, p.Value)
				}
				one.ContentType, one.Body = "application/x-www-form-urlencoded", fields.Encode()
			}
		}
		one.Cut = e.Request.BodySize > 0 && one.Body == ""
		seen = append(seen, one)
	}
	return seen
}

// reported are the calls of a report, in which bodies can be missing: what approval requests asked is told beside them.
func (r recording) reported() Recording {
	all := Recording{Told: map[string]Told{}}
	for _, request := range r.ApprovalRequests {
		all.Told[request.UUID] = request.told()
	}
	for _, c := range r.Calls {
		one := Seen{
			Method: c.Method, Target: c.Path, Status: c.Status, ErrorCode: c.ErrorCode, RequestUUID: c.RequestUUID, Body: c.Request,
			Cut: c.Method == http.MethodPost && c.Request == "",
		}
		if told, known := all.Told[c.RequestUUID]; known && one.Cut {
			if body, err := told.ask().body(); err == nil {
				one.ContentType, one.Body, one.Cut = "application/json", string(body), false
			}
		}
		all.Calls = append(all.Calls, one)
	}
	return all
}
