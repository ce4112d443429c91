package migrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// MaxRecording is how long a recording may be, in bytes.
const MaxRecording = 64 << 20

// Errors of reading a recording.
var (
	ErrTooLong      = errors.New("the recording is longer than 64 MiB: record less, or leave out other hosts")
	ErrNoRecording  = errors.New("this is neither an HTTP archive (HAR) nor a report of 'onetouch exec --report FILE.json'")
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
	Request struct {
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
		Status int `json:"status"`
	} `json:"response"`
}

type reportCall struct {
	Method      string `json:"method"`
	Path        string `json:"path"`
	Status      int    `json:"status"`
	RequestUUID string `json:"request_uuid"`
}

// reportRequest is what a report tells of an approval request: what was asked, if not how.
type reportRequest struct {
	UUID          string       `json:"uuid"`
	Message       string       `json:"message"`
	Details       details.List `json:"details"`
	HiddenDetails details.List `json:"hidden_details"`
	Logos         []any        `json:"logos"`
	CreatedAt     time.Time    `json:"created_at"`
	ExpiresAt     *time.Time   `json:"expires_at"`
}

// asked is the body that asked it, as far as a report tells: whether a day was asked for or is the default, it does not.
func (r reportRequest) asked() ([]byte, error) {
	body := map[string]any{
		"message": r.Message, "details": r.Details, "hidden_details": r.HiddenDetails, "logos": r.Logos,
	}
	seconds := 0
	if r.ExpiresAt != nil {
		seconds = int(r.ExpiresAt.Sub(r.CreatedAt).Seconds())
	}
	if seconds != onetouch.DefaultSecondsToExpire {
		body["seconds_to_expire"] = seconds
	}
	return json.Marshal(body)
}

// ReadRecording reads the calls in an HTTP archive, or in a report of 'onetouch exec'.
func ReadRecording(in io.Reader) ([]Seen, error) {
	content, err := io.ReadAll(io.LimitReader(in, MaxRecording+1))
	if err != nil {
		return nil, fmt.Errorf("reading the recording: %w", err)
	}
	if len(content) > MaxRecording {
		return nil, ErrTooLong
	}
	content = []byte(strings.TrimPrefix(string(content), "\uFEFF")) // which some browsers write
	var r recording
	var syntax *json.SyntaxError
	if err := json.Unmarshal(content, &r); err != nil {
		begun := strings.HasPrefix(strings.TrimSpace(string(content)), "{")
		if begun && errors.As(err, &syntax) && syntax.Offset >= int64(len(content)) {
			return nil, ErrRecordingCut
		}
		return nil, ErrNoRecording
	}
	switch {
	case r.Log != nil:
		return r.archived(), nil
	case r.Calls != nil:
		return r.reported(), nil
	default:
		return nil, ErrNoRecording
	}
}

func (r recording) archived() []Seen {
	var seen []Seen
	for _, e := range r.Log.Entries {
		one := Seen{Method: e.Request.Method, Target: e.Request.URL, Status: e.Response.Status}
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

// reported are the calls of a report, which has no bodies: what approval requests asked is told beside them.
func (r recording) reported() []Seen {
	asked := map[string]reportRequest{}
	for _, request := range r.ApprovalRequests {
		asked[request.UUID] = request
	}
	var seen []Seen
	for _, c := range r.Calls {
		one := Seen{Method: c.Method, Target: c.Path, Status: c.Status, Cut: c.Method == "POST"}
		if request, known := asked[c.RequestUUID]; known && c.Method == "POST" {
			if body, err := request.asked(); err == nil {
				one.ContentType, one.Body, one.Cut = "application/json", string(body), false
			}
		}
		seen = append(seen, one)
	}
	return seen
}
