package device

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pushShape says whose push service a push was meant for.
type pushShape int

const (
	fcmShape       pushShape = iota // Firebase Cloud Messaging, HTTP v1; also for what cannot be told
	fcmLegacyShape                  // its older protocol
	apnsShape                       // Apple Push Notification service
)

// apnsPath is followed by the push token. Source: Apple, "Sending notification requests to APNs".
const apnsPath = "/3/device/"

// backendPush is a push with its address.
type backendPush struct {
	token string
	push  Push
}

// member is a JSON object of a push and where it stands.
type member struct {
	path   string // with a dot at the end; "" for the body itself
	values map[string]any
}

// parsePush reads the body of a push.
// Source of the shapes: the documentation of FCM (HTTP v1 and the legacy HTTP protocol) and of APNs; of what is in them the
// TwilioAuth SDK's sample apps.
func parsePush(path string, body []byte, shape *pushShape) (backendPush, *pushRefusal) {
	whole, refused := readPushJSON(body)
	if refused != nil {
		return backendPush{}, refused
	}
	if place := detailsIn(whole, ""); place != "" {
		return backendPush{}, badPush(place + ": details never travel in a push: send the UUID, the device fetches the rest")
	}
	top := member{values: whole}
	_, isLegacy := whole["to"]
	_, isFCM := whole["message"]
	_, isAPNs := whole["aps"]
	switch {
	case *shape == apnsShape:
		return parseAPNs(path, len(body), top)
	case isFCM:
		return parseFCM(top)
	case isLegacy:
		*shape = fcmLegacyShape
		return parseLegacy(top)
	case isAPNs:
		*shape = apnsShape
		return backendPush{}, &pushRefusal{status: 404, fcm: "NOT_FOUND", apns: "BadPath",
			message: "a push in the shape of APNs is sent to " + apnsPath + "TOKEN"}
	default:
		return backendPush{}, badPush(`the body has the shape of no push: message is missing (FCM: {"message":{"token":…,` +
			`"data":{"type":"` + ApprovalRequestPush + `","approval_request_uuid":…,"alert":…}}}); for APNs, aps is missing, ` +
			`and the path is ` + apnsPath + `TOKEN`)
	}
}

func parseFCM(top member) (backendPush, *pushRefusal) {
	message, refused := top.object("message")
	if refused != nil {
		return backendPush{}, refused
	}
	return parseAddressed(message, "token")
}

func parseLegacy(top member) (backendPush, *pushRefusal) { return parseAddressed(top, "to") }

// parseAddressed reads what both of Google's protocols have: an address, data, and perhaps a notification.
func parseAddressed(in member, address string) (p backendPush, refused *pushRefusal) {
	if p.token, refused = in.text(address); refused != nil {
		return p, refused
	}
	data, refused := in.object("data")
	if refused != nil {
		return p, refused
	}
	if size := data.size(); size > maxPushPayload {
		return p, tooLarge(maxPushPayload)
	}
	var otherAlerts []any
	if notification, given := in.values["notification"].(map[string]any); given {
		otherAlerts = append(otherAlerts, notification)
	}
	p.push, refused = data.push(otherAlerts...)
	return p, refused
}

func parseAPNs(path string, size int, top member) (p backendPush, refused *pushRefusal) {
	p.token = strings.TrimPrefix(path, apnsPath)
	if size > maxPushPayload {
		return p, tooLarge(maxPushPayload)
	}
	if p.token == "" {
		return p, &pushRefusal{status: 400, fcm: "INVALID_ARGUMENT", apns: "MissingDeviceToken",
			message: "the push token is missing from the path: " + apnsPath + "TOKEN"}
	}
	aps, refused := top.object("aps")
	if refused != nil {
		return p, refused
	}
	p.push, refused = top.push(aps.values["alert"])
	return p, refused
}

// push reads what the app reads. The alert may be where the system looks for what it shows, too.
func (m member) push(otherAlerts ...any) (p Push, refused *pushRefusal) {
	if p.Type, refused = m.text("type"); refused != nil {
		return p, refused
	}
	if p.Type != ApprovalRequestPush {
		return p, badPush(fmt.Sprintf("%stype is %q: must be %q", m.path, p.Type, ApprovalRequestPush))
	}
	if p.ApprovalRequestUUID, refused = m.text("approval_request_uuid"); refused != nil {
		return p, refused
	}
	if _, given := m.values["alert"]; !given {
		for _, other := range otherAlerts {
			if p.Alert = alertOf(other); p.Alert != "" {
				return p, nil
			}
		}
	}
	p.Alert, refused = m.text("alert")
	return p, refused
}

// alertOf is the text of an alert: a string, or an object with a body or at least a title.
func alertOf(alert any) string {
	switch alert := alert.(type) {
	case string:
		return alert
	case map[string]any:
		for _, name := range []string{"body", "title"} {
			if text, isText := alert[name].(string); isText && text != "" {
				return text
			}
		}
	}
	return ""
}

// text is a member that must be there and say something.
func (m member) text(name string) (string, *pushRefusal) {
	value, given := m.values[name]
	if !given || value == nil {
		return "", badPush(m.path + name + " is missing" + hintOf(name))
	}
	text, isText := value.(string)
	if !isText {
		return "", badPush(m.path + name + " must be a string")
	}
	if text == "" {
		return "", badPush(m.path + name + " is empty" + hintOf(name))
	}
	return text, nil
}

// hintOf says what belongs into a member.
func hintOf(name string) string {
	hints := map[string]string{
		"type": `: it is "` + ApprovalRequestPush + `"`, "approval_request_uuid": ": it is the UUID of the approval request",
		"alert": ": it is the message of the approval request", "token": ": it is the push token of the device",
		"to": ": it is the push token of the device",
	}
	return hints[name]
}

// object is a member that must be there and be an object.
func (m member) object(name string) (member, *pushRefusal) {
	inner := member{path: m.path + name + "."}
	value, given := m.values[name]
	if !given || value == nil {
		return inner, badPush(m.path + name + " is missing: it is an object")
	}
	values, isObject := value.(map[string]any)
	if !isObject {
		return inner, badPush(m.path + name + " must be an object")
	}
	inner.values = values
	return inner, nil
}

// size is how many bytes the names and values have, as Google counts them.
func (m member) size() int {
	size := 0
	for name, value := range m.values {
		text, _ := value.(string)
		size += len(name) + len(text)
	}
	return size
}

// detailsIn is the place of a member that only the device may fetch; "" when there is none.
func detailsIn(value any, path string) string {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			place := path + name
			if isPrivate(name) {
				return place
			}
			if inner := detailsIn(value[name], place+"."); inner != "" {
				return inner
			}
		}
	case []any:
		for _, element := range value {
			if inner := detailsIn(element, path); inner != "" {
				return inner
			}
		}
	}
	return ""
}

// isPrivate recognises details however they are spelled: details, hiddenDetails, hidden_details[ip].
func isPrivate(name string) bool {
	name, _, _ = strings.Cut(name, "[")
	name, _, _ = strings.Cut(name, ".")
	name = strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
	return slices.Contains([]string{"details", "hiddendetails", "challenge"}, name)
}
