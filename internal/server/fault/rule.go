package fault

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
)

// Rule says what goes wrong, and how. It is about calls, about pushes or about callbacks.
type Rule struct {
	ID int64 // given when it is added

	// Of calls.
	Match string // which calls: see [Pattern]; "" is every call of the Authy API
	Error string // error code of the Authy API to answer with, such as 60050
	// Status is the HTTP status of the answer: 0 is the error code's own. Without an error code the answer is the page that
	// a gateway gives whose service is not there.
	Status  int
	Latency time.Duration // before the call is begun with
	Reset   bool          // the connection is reset, without an answer

	Push     Mishap // lost or doubled
	Callback Mishap // any
	// Delay is how much later a callback comes that is late; and how long the one that is reordered waits at most for that of
	// a later request. 0 is [DefaultDelay].
	Delay time.Duration

	Probability float64 // of each to go wrong, above 0 and at most 1; 0 is 1
	Seed        int64   // makes the same choices again; 0: as the server is seeded
	Times       int     // how many are still to go wrong; 0 is all, until the rule is cleared
}

// Mishap is what goes wrong with a push or a callback.
type Mishap string

// Mishaps.
const (
	Lost      Mishap = "lost"      // it never comes
	Doubled   Mishap = "doubled"   // it comes twice
	Late      Mishap = "late"      // it comes, but not at once
	Reordered Mishap = "reordered" // that of a later request comes before
)

// PushMishaps are those of a push.
func PushMishaps() []Mishap { return []Mishap{Lost, Doubled} }

// CallbackMishaps are those of a callback.
func CallbackMishaps() []Mishap { return []Mishap{Lost, Doubled, Late, Reordered} }

const (
	// DefaultDelay is that of a callback that goes wrong.
	DefaultDelay = 5 * time.Second
	// MostLatency is the longest that a call can be late.
	MostLatency = 10 * time.Minute
	// MostDelay is the longest that a callback can be.
	MostDelay = 24 * time.Hour
)

// delays reports whether the mishap of the callback has a delay.
func (r Rule) delays() bool { return r.Callback == Late || r.Callback == Reordered }

// validated is the rule with its defaults, or what is wrong with it. Names are those of the control API, and of flags.
func (r Rule) validated() (Rule, error) {
	for _, check := range []func() error{r.checkNumbers, r.checkWords, r.checkSubject, r.checkAnswer} {
		if err := check(); err != nil {
			return r, err
		}
	}
	if r.Probability == 0 {
		r.Probability = 1
	}
	if r.delays() && r.Delay == 0 {
		r.Delay = DefaultDelay
	}
	return r, nil
}

func (r Rule) checkNumbers() error {
	switch {
	case math.IsNaN(r.Probability) || r.Probability < 0 || r.Probability > 1:
		return onetouch.InvalidParameter("probability", fmt.Sprintf("must be above 0 and at most 1, not %v", r.Probability))
	case r.Times < 0:
		return onetouch.InvalidParameter("times", "must be 0 (always) or more")
	case r.Latency < 0 || r.Latency > MostLatency:
		return onetouch.InvalidParameter("latency", fmt.Sprintf("must be from 0 to %s, not %s", MostLatency, r.Latency))
	case r.Delay < 0 || r.Delay > MostDelay:
		return onetouch.InvalidParameter("delay", fmt.Sprintf("must be from 0 to %s, not %s", MostDelay, r.Delay))
	case r.Delay > 0 && !r.delays():
		return onetouch.InvalidParameter("delay", "is of use with a callback that is late or reordered only")
	}
	return nil
}

func (r Rule) checkWords() error {
	for _, word := range []struct {
		name  string
		word  Mishap
		known []Mishap
	}{{"push", r.Push, PushMishaps()}, {"callback", r.Callback, CallbackMishaps()}} {
		if word.word != "" && !slices.Contains(word.known, word.word) {
			return onetouch.InvalidParameter(word.name, fmt.Sprintf("must be one of %s, not %q", joined(word.known), word.word))
		}
	}
	return nil
}

func joined(words []Mishap) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return strings.Join(texts, ", ")
}

// given says whether a part of a rule was given.
type given struct {
	name string
	is   bool
}

// checkSubject wants one thing to go wrong: calls, pushes or callbacks.
func (r Rule) checkSubject() error {
	ofCalls := []given{
		{"match", r.Match != ""}, {"error", r.Error != ""}, {"status", r.Status != 0}, {"latency", r.Latency != 0}, {"reset", r.Reset},
	}
	others := append(slices.Clone(ofCalls), given{"callback", r.Callback != ""})
	for _, subject := range []struct {
		given
		others []given
	}{{given{"push", r.Push != ""}, others}, {given{"callback", r.Callback != ""}, ofCalls}} {
		for _, other := range subject.others {
			if subject.is && other.is {
				return onetouch.InvalidParameter(subject.name,
					"cannot be combined with "+other.name+": what goes wrong is calls, pushes or callbacks, so add a fault for each")
			}
		}
	}
	if r.Push == "" && r.Callback == "" && !slices.ContainsFunc(ofCalls[1:], func(g given) bool { return g.is }) {
		return onetouch.InvalidParameter("error",
			"is missing: say what goes wrong with error, status, latency, reset, push or callback")
	}
	return nil
}

func (r Rule) checkAnswer() error {
	switch {
	case r.Reset && r.Error != "":
		return onetouch.InvalidParameter("reset", "cannot be combined with error: a connection that is reset has no answer")
	case r.Reset && r.Status != 0:
		return onetouch.InvalidParameter("reset", "cannot be combined with status: a connection that is reset has no answer")
	case r.Status != 0 && (r.Status < http.StatusBadRequest || r.Status > 599):
		return onetouch.InvalidParameter("status", "must be an HTTP status from 400 to 599, such as 503")
	}
	return nil
}

// answer is the error with which a call is refused: nil when it is only late.
func (r *Rule) answer(p Pattern) (error, error) {
	switch {
	case r.Reset:
		return errReset, nil
	case r.Error == "" && r.Status == 0:
		return nil, nil
	case r.Error == "":
		return &pageError{r.Status}, nil
	case p.forDevices():
		return nil, onetouch.InvalidParameter("error", "is for the Authy API, whose codes the device API does not answer: use status")
	}
	named, err := codes.Named(r.Error, r.Status)
	if err != nil {
		return nil, err
	}
	r.Status = named.Status()
	return named, nil
}

// String says in a few words what the rule does.
func (r Rule) String() string {
	var parts []string
	add := func(is bool, format string, args ...any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(r.Push != "", "push %s", r.Push)
	add(r.Callback != "", "callback %s", r.Callback)
	add(r.Delay > 0, "%s", r.Delay)
	add(r.Error != "", "error %s", r.Error)
	add(r.Status != 0, "status %d", r.Status)
	add(r.Reset, "reset")
	add(r.Latency > 0, "latency %s", r.Latency)
	return strings.Join(parts, ", ")
}
