// Package approval holds the words that every part of the story has for an approval request: what is asked, and where it
// stands. Backend, service, device and terminal share them.
package approval

import "github.com/onetouchkit/onetouch/pkg/details"

// Question is what a backend asks a user. It never changes. Its JSON is that of the device API and of the commands.
type Question struct {
	Message       string       `json:"message"`
	Details       details.List `json:"details"`        // shown to the user, in the order in which the backend gave them
	HiddenDetails details.List `json:"hidden_details"` // kept with the request, never shown
	Logos         []Logo       `json:"logos"`
}

// Logo is a picture beside the question, in one resolution.
type Logo struct {
	Resolution string `json:"res"` // default, low, med or high; where there are any, default should be there
	URL        string `json:"url"`
}

// Status is where an approval request stands. It leaves pending once and for ever.
type Status string

// The four states.
const (
	Pending  Status = "pending"
	Approved Status = "approved"
	Denied   Status = "denied"
	Expired  Status = "expired"
)

// Statuses lists every status, in the order of a request's life.
func Statuses() []Status { return []Status{Pending, Approved, Denied, Expired} }

// Answered reports whether a device has answered. Only then is the backend called back.
func (s Status) Answered() bool { return s == Approved || s == Denied }

// Decided reports whether the request has left pending, so that nothing about it changes any more.
func (s Status) Decided() bool { return s != Pending }
