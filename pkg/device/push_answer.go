package device

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
)

// pushRefusal is why a push is not taken, in the words of both push services.
type pushRefusal struct {
	status     int    // HTTP
	apnsStatus int    // HTTP, where Apple's differs; 0: the same
	fcm        string // status; "": INVALID_ARGUMENT
	fcmCode    string // errorCode; "": INVALID_ARGUMENT
	apns       string // reason; "": BadPayload, which is this endpoint's own: Apple does not look at what it delivers
	message    string // for people
}

func badPush(message string) *pushRefusal {
	return &pushRefusal{status: http.StatusBadRequest, message: message}
}

func tooLarge(most int) *pushRefusal {
	return &pushRefusal{status: http.StatusRequestEntityTooLarge, apns: "PayloadTooLarge",
		message: fmt.Sprintf("the push has more than %d bytes: send the UUID and the message, the device fetches the rest", most)}
}

type fcmRefusal struct {
	Error fcmError `json:"error"`
}

type fcmError struct {
	Code    int              `json:"code"`
	Message string           `json:"message"`
	Status  string           `json:"status"`
	Details []fcmErrorDetail `json:"details"`
}

type fcmErrorDetail struct {
	Type      string `json:"@type"`
	ErrorCode string `json:"errorCode"`
}

type apnsRefusal struct {
	Reason  string `json:"reason"`
	Message string `json:"message"` // beyond what Apple says
}

// refusal is the body of a refusal, and sets the status that goes with it.
func (s pushShape) refusal(r *pushRefusal) any {
	if s == apnsShape {
		r.status = cmp.Or(r.apnsStatus, r.status)
		return apnsRefusal{Reason: cmp.Or(r.apns, "BadPayload"), Message: r.message}
	}
	const invalid = "INVALID_ARGUMENT"
	return fcmRefusal{fcmError{
		Code: r.status, Message: r.message, Status: cmp.Or(r.fcm, invalid), Details: []fcmErrorDetail{{
			Type: "type.googleapis.com/google.firebase.fcm.v1.FcmError", ErrorCode: cmp.Or(r.fcmCode, invalid),
		}},
	}}
}

// accept answers that a push is on its way.
func (s pushShape) accept(w http.ResponseWriter, r *http.Request) {
	switch id := rand.Text(); s {
	case apnsShape:
		w.Header().Set("apns-id", cmp.Or(r.Header.Get("apns-id"), id))
		w.WriteHeader(http.StatusOK)
	case fcmLegacyShape:
		writePushAnswer(w, http.StatusOK, map[string]any{
			"multicast_id": 1, "success": 1, "failure": 0, "canonical_ids": 0, "results": []map[string]string{{"message_id": id}},
		})
	default:
		writePushAnswer(w, http.StatusOK, map[string]string{"name": "projects/onetouch/messages/" + id})
	}
}

func writePushAnswer(w http.ResponseWriter, status int, answer any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(answer) // nothing in it can fail
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the backend may have left
}
