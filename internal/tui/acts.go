package tui

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// Acts do what neither the control API nor a phone does: what a backend does, and what the owner of this machine's phones
// does. The errors say what was wrong.
type Acts interface {
	Ask(ctx context.Context, n NewRequest) (uuid string, err error)
	AddUser(ctx context.Context, n NewUser) (authyID int64, err error)
	// Register makes a phone of this machine a device of a user.
	Register(ctx context.Context, authyID int64, name, platform string) (deviceID int64, err error)
	// SetPolicy replaces the rules by which a phone of this machine answers by itself; none and "" have it answer nothing.
	SetPolicy(ctx context.Context, deviceID int64, when []string, auto string) error
}

// NewRequest is an approval request to be asked.
type NewRequest struct {
	AuthyID   int64
	Message   string
	Details   details.List
	Hidden    details.List
	ExpiresIn string // such as 2m; "": the service's own time
}

// NewUser is a user to be added.
type NewUser struct{ Email, Phone, CountryCode string }

// Labels of fields, by which their values are found.
const (
	labelUser     = "Authy ID"
	labelMessage  = "Message"
	labelDetail   = "Detail"
	labelHidden   = "Hidden"
	labelExpires  = "Expires in"
	labelEmail    = "E-mail"
	labelPhone    = "Phone"
	labelCountry  = "Country"
	labelName     = "Name"
	labelPlatform = "Platform"
	labelWhen     = "When"
	labelAuto     = "Otherwise"
	labelReason   = "Reason"
)

const notHere = "That is not possible from this screen."

// requestForm asks the user under the cursor something again, or something new.
func requestForm(m *model) (*form, string) {
	if m.acts == nil {
		return nil, notHere
	}
	r := m.selected.request
	fields := []*field{
		newField(labelUser, "Whom to ask. ctrl+s sends at once.", orEmpty(r.AuthyID)),
		newField(labelMessage, "What the phone shows on top.", r.Message),
	}
	fields = append(fields, detailFields(labelDetail, "name=value, shown below the message.", r.Details)...)
	fields = append(fields, detailFields(labelHidden, "name=value, kept from the phone's screen.", r.HiddenDetails)...)
	fields = append(fields, newField(labelExpires, "Such as 90s or 2m; empty: a day.", ""))
	return newForm("New request", "send", func(ctx context.Context, v formValues) (string, error) {
		n, err := newRequest(v)
		if err != nil {
			return "", err
		}
		uuid, err := m.acts.Ask(ctx, n)
		return "Asked: " + uuid, err
	}, fields...), ""
}

func orEmpty(id int64) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(id, 10)
}

// detailFields are the fields of details, and an empty one for the next.
func detailFields(label, hint string, list details.List) []*field {
	var fields []*field
	for _, d := range list {
		fields = append(fields, newField(label, hint, d.Name+"="+d.Value).several())
	}
	return append(fields, newField(label, hint, "").several())
}

func newRequest(v formValues) (n NewRequest, err error) {
	if n.AuthyID, err = number(v, labelUser); err != nil {
		return n, err
	}
	n.Message, n.ExpiresIn = v.first(labelMessage), v.first(labelExpires)
	if n.Details, err = detailsOf(v[labelDetail]); err != nil {
		return n, err
	}
	n.Hidden, err = detailsOf(v[labelHidden])
	return n, err
}

func detailsOf(texts []string) (list details.List, err error) {
	for _, text := range texts {
		name, value, is := strings.Cut(text, "=")
		if !is || name == "" {
			return nil, fmt.Errorf("%q is no detail: write name=value", text)
		}
		list = append(list, details.Detail{Name: name, Value: value})
	}
	return list, nil
}

func number(v formValues, label string) (int64, error) {
	n, err := strconv.ParseInt(v.first(label), 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%s %q is no number", label, v.first(label))
	}
	return n, nil
}

// userForm adds a user.
func userForm(m *model) (*form, string) {
	if m.acts == nil {
		return nil, notHere
	}
	return newForm("New user", "add", func(ctx context.Context, v formValues) (string, error) {
		id, err := m.acts.AddUser(ctx, NewUser{v.first(labelEmail), v.first(labelPhone), v.first(labelCountry)})
		return fmt.Sprintf("User %d is added.", id), err
	},
		newField(labelEmail, "Such as ada@example.com.", ""),
		newField(labelPhone, "Without the country code: 202-555-0158.", ""),
		newField(labelCountry, "The country code: 1 for the United States.", "1"),
	), ""
}

// phoneForm registers a phone of this machine, for the user of the phone under the cursor or of the only user.
func phoneForm(m *model) (*form, string) {
	if m.acts == nil {
		return nil, notHere
	}
	user := int64(0)
	if d, exists := m.phones.current(); exists {
		user = d.AuthyID
	} else if len(m.names.users) == 1 {
		user = inOrder(m.names.users)[0].AuthyID
	}
	return newForm("Register a phone", "register", func(ctx context.Context, v formValues) (string, error) {
		authyID, err := number(v, labelUser)
		if err != nil {
			return "", err
		}
		id, err := m.acts.Register(ctx, authyID, v.first(labelName), v.first(labelPlatform))
		return fmt.Sprintf("Device %d is registered.", id), err
	},
		newField(labelUser, "Whose phone it is.", orEmpty(user)),
		newField(labelName, "What its owner calls it.", "Simulated phone"),
		newField(labelPlatform, "android or ios.", "android"),
	), ""
}

// policyForm changes how the phone under the cursor answers by itself.
func policyForm(m *model) (*form, string) {
	d, exists := m.phones.current()
	simulated := m.names.phone(d.ID)
	switch {
	case m.acts == nil:
		return nil, notHere
	case !exists:
		return nil, "No phone is chosen."
	case simulated == nil:
		return nil, keyElsewhere
	}
	when, auto := simulated.Policy()
	var fields []*field
	for _, rule := range append(when, "") {
		const hint = `Such as details["Amount"] > 10000 = deny. The first that matches counts.`
		fields = append(fields, newField(labelWhen, hint, rule).several())
	}
	const otherwise = "approve, deny, ask or ignore, also “approve after 3s”; empty: nothing by itself."
	fields = append(fields, newField(labelAuto, otherwise, auto))
	return newForm("Policy of "+line(d.Name), "set", func(ctx context.Context, v formValues) (string, error) {
		err := m.acts.SetPolicy(ctx, d.ID, v[labelWhen], v.first(labelAuto))
		return fmt.Sprintf("Device %d has its policy.", d.ID), err
	}, fields...), ""
}

// reasonForm denies the request under the cursor with a reason. The writing is the moment in which one can still think
// again, so the answer is not held after it; and what was held before is taken back, or it would be sent behind the form.
func reasonForm(m *model) (*form, string) {
	if why := m.answers.refusal(onetouch.StatusDenied, m.facts()); why != "" {
		return nil, why
	}
	request := m.selected.request
	phones := m.names.answering(request)
	if m.answers.of(request.UUID) != nil {
		m.say(m.answers.takeBack(request.UUID).text)
	}
	f := newForm("Deny “"+oneLine(request.Message)+"”", "deny", func(ctx context.Context, v formValues) (string, error) {
		return "Denied.", firstAnswer(ctx, phones, request, onetouch.StatusDenied, v.first(labelReason))
	}, newField(labelReason, "The backend and the evidence keep it.", ""))
	f.answers = &answering{request.UUID, onetouch.StatusDenied}
	f.missing = func(v formValues) string {
		if v.first(labelReason) == "" {
			return "write a reason, or leave with esc and deny without one: d"
		}
		return ""
	}
	return f, ""
}

// clockForm moves the server's clock forward.
func clockForm(m *model) (*form, string) {
	const labelBy, labelTo = "Forward by", "Or to"
	return newForm("Move the server's clock", "move", func(ctx context.Context, v formValues) (string, error) {
		var moved controlapi.Clock
		switch by, to := v.first(labelBy), v.first(labelTo); {
		case (by == "") == (to == ""):
			return "", errors.New("write how far to move it or to which time, one of them")
		case by != "":
			duration, err := time.ParseDuration(by)
			if err != nil {
				return "", fmt.Errorf("%q is no duration, such as 90s, 10m or 24h", by)
			}
			if moved, err = m.remote.control.AdvanceClock(ctx, duration); err != nil {
				return "", err
			}
		default:
			at, err := time.Parse(time.RFC3339, to)
			if err != nil {
				return "", fmt.Errorf("%q is no time, such as 2027-01-01T00:00:00Z", to)
			}
			if moved, err = m.remote.control.SetClock(ctx, at); err != nil {
				return "", err
			}
		}
		return "The server's clock shows " + moved.Now.Format(time.RFC3339) + ".", nil
	},
		newField(labelBy, "Such as 90s, 10m or 24h. Expiry, codes and retries follow.", "10m"),
		newField(labelTo, "A time that is still to come, such as 2027-01-01T00:00:00Z.", ""),
	), ""
}

// faultForm has calls of the Authy API go wrong.
func faultForm(m *model) (*form, string) {
	const labelMatch, labelError, labelTimes = "Calls", "Error", "Times"
	return newForm("Let calls go wrong", "add", func(ctx context.Context, v formValues) (string, error) {
		n := controlapi.Fault{Match: v.first(labelMatch), Error: v.first(labelError)}
		if v.first(labelTimes) != "" {
			times, err := number(v, labelTimes)
			if err != nil {
				return "", err
			}
			n.Times = int(times)
		}
		added, err := m.remote.control.AddFault(ctx, n)
		return fmt.Sprintf("Fault %d is in force; onetouch fault clear ends it.", added.ID), err
	},
		newField(labelMatch, "Such as POST /onetouch/*; empty: every call.", ""),
		newField(labelError, "The Authy error that they answer, such as 60050.", ""),
		newField(labelTimes, "How many calls; empty: all, until it is cleared.", "1"),
	), ""
}
