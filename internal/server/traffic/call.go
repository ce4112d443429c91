package traffic

import (
	"net/http"
	"strings"
	"time"
)

// API is who was called, or, of what the server sends, for what.
type API string

// APIs.
const (
	Authy     API = "authy"    // the Authy API
	Device    API = "device"   // the device API
	Verify    API = "verify"   // the Verify API
	Callbacks API = "callback" // a callback that a fault struck
	Pushes    API = "push"     // a push that a fault struck
)

// APIs lists them all.
func APIs() []API { return []API{Authy, Device, Verify, Callbacks, Pushes} }

// Call is one call as people may see it: without secrets.
type Call struct {
	ID     int64 // 1 is the first that the server answered
	At     time.Time
	API    API
	Method string
	Path   string // with its query
	Route  string // such as /protected/{format}/users/{id}/status; "" when there is none
	// AppID, AuthyID and DeviceID are who called, or who the call is about; zero when that is not known.
	AppID       string
	AuthyID     int64
	DeviceID    int64
	RequestUUID string // of the approval request that it is about
	Status      int    // HTTP; 0: there was no answer
	ErrorCode   string // of the Authy API
	Fault       string // what a fault did to it; "" when none struck
	Took        time.Duration
	Open        bool // it goes on: an event stream
	Request     Message
	Response    Message
}

// Message is a request or an answer.
type Message struct {
	Size    int64 // bytes of the body, as far as it was read or written
	Headers []Header
	Body    string // its beginning
	Cut     bool   // Body is not all of it
}

// Header is a header field.
type Header struct{ Name, Value string }

const (
	maxBody = 4 << 10 // bytes that are kept of a body
	maxText = 2 << 10 // of a path with its query, and of a header
)

// requestHeaders and answerHeaders are those that are kept, in the order in which they are shown.
var (
	requestHeaders = [...]string{
		"Authorization", "Content-Type", "Last-Event-Id", "User-Agent", "X-Authy-Api-Key", "X-Authy-Signature",
		"X-Authy-Signature-Nonce",
	}
	answerHeaders = [...]string{"Allow", "Content-Type", "Retry-After", "Www-Authenticate"}
)

// secretHeaders are shown without their value.
var secretHeaders = [...]string{"Authorization", "X-Authy-Api-Key"}

// call is a call as it came.
type call struct {
	Call

	began             time.Time
	request, response []byte // the beginning of the bodies
	pathID            string // what the path names as {id}
}

// kept are the header fields that are remembered.
func kept(h http.Header, names []string) []Header {
	var headers []Header
	for _, name := range names {
		if values := h[name]; len(values) > 0 {
			headers = append(headers, Header{name, bounded(strings.Join(values, ", "))})
		}
	}
	return headers
}

// bounded is a text that does not keep more memory than it may.
func bounded(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.Clone(text[:maxText]) + "…"
}
