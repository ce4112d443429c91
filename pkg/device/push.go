package device

// Push tells of an approval request: its UUID and its message, never its details. Its JSON form is the payload of the
// TwilioAuth SDK's sample apps.
type Push struct {
	ID                  int64  `json:"-"`    // grows from push to push; 0 when the backend has sent it by itself
	Type                string `json:"type"` // [ApprovalRequestPush], or [ChallengePush] of a factor
	ApprovalRequestUUID string `json:"approval_request_uuid"`
	Alert               string `json:"alert"` // the message of the request
}

// ApprovalRequestPush is the type of a push that tells of an approval request.
const ApprovalRequestPush = "onetouch_approval_request"

// PushTarget is where a device wants its pushes.
type PushTarget struct {
	Type  PushType `json:"type"`
	Token string   `json:"token"` // the platform's push token, which the server keeps for a backend that pushes by itself
	URL   string   `json:"url"`   // of a webhook
}

// PushType is a way to reach a device.
type PushType string

// Ways to reach a device.
const (
	PushStream  PushType = "sse"     // the device listens with [Device.Pushes]
	PushWebhook PushType = "webhook" // the server posts each push to the device's URL
	PushNone    PushType = "none"    // the backend pushes by itself
)
