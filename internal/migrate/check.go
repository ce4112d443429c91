package migrate

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// Verdict is what a check says of a flow.
type Verdict string

// Verdicts.
const (
	Same         Verdict = "same"
	Explained    Verdict = "explained"     // it ends the same; what is otherwise is known
	Differs      Verdict = "differs"       // it ends otherwise, or something is otherwise that nothing explains
	NotReplayed  Verdict = "not replayed"  // it could not be made again
	NothingAsked Verdict = "nothing asked" // the call was no question to anybody: there is nothing to compare
)

// Report is how the approval flows of a recording came out through both APIs.
type Report struct {
	Flows        []Checked `json:"flows"` // in the order of the recording
	Same         int       `json:"same"`
	Explained    int       `json:"explained"`
	NothingAsked int       `json:"nothing_asked"`
	NotReplayed  int       `json:"not_replayed"`
	Differs      int       `json:"differs"`
	// Everywhere is what differs in every flow, and so is not said of each.
	Everywhere []string `json:"everywhere"`
	Calls      int      `json:"calls"`     // of the Authy API, in the recording
	Unknown    int      `json:"unknown"`   // calls of something else
	Forgotten  int64    `json:"forgotten"` // calls that the server remembers no more
}

// Passed reports whether every flow ended through Verify as it did through Authy.
func (r Report) Passed() bool { return r.Differs == 0 && r.NotReplayed == 0 }

// Checked is one flow.
type Checked struct {
	Number       int          `json:"number"`       // in the recording, from 1
	RequestUUID  string       `json:"request_uuid"` // in the recording; "": it has none
	User         string       `json:"user"`         // Authy ID
	Message      string       `json:"message"`
	Recorded     End          `json:"recorded"`
	AfterSeconds int64        `json:"after_seconds"` // from the question to its answer, or to the last poll
	Callback     Callback     `json:"callback"`      // in the recording; "": not known
	Authy        End          `json:"authy"`         // how it ended here; "": it was not made again
	Verify       End          `json:"verify"`
	Verdict      Verdict      `json:"verdict"`
	Why          string       `json:"why"` // it was not replayed, or nothing was asked
	Differences  []Difference `json:"differences"`
}

// CheckOptions say how to check.
type CheckOptions struct {
	Progress func(done, all int) // is told of each flow that is done with, one at a time; nil: nobody is

	// prepare changes the server of an API, authy or verify, before a flow is made at it: a test lets something go wrong there.
	prepare func(ctx context.Context, api string, control *controlapi.Client) error
}

// flowPatience is how long one flow may take on one server. It is a matter of milliseconds.
const flowPatience = time.Minute

// Check makes the approval flows of a recording again, through both APIs, and compares how they come out. Each flow has a
// server of its own for each API, which is gone when it is over; nothing else is touched. It fails only when ctx ends or the
// machine lets it down.
func Check(ctx context.Context, r Recording, o CheckOptions) (Report, error) {
	found := flowsOf(r)
	report := Report{
		Flows: make([]Checked, len(found.list)), Everywhere: everywhere(), Calls: found.calls, Unknown: found.unknown,
		Forgotten: r.Forgotten,
	}
	box, err := openInbox(ctx)
	if err != nil {
		return report, err
	}
	defer box.close()
	c := checker{inbox: box, options: o, all: len(found.list)}
	next := make(chan *Flow)
	var workers sync.WaitGroup
	for range min(len(found.list), runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for flow := range next {
				report.Flows[flow.Number-1] = c.check(ctx, flow)
				c.tell()
			}
		})
	}
	for _, flow := range found.list {
		if ctx.Err() != nil {
			break
		}
		next <- flow
	}
	close(next)
	workers.Wait()
	report.count()
	return report, ctx.Err()
}

func (r *Report) count() {
	counts := map[Verdict]*int{
		Same: &r.Same, Explained: &r.Explained, NothingAsked: &r.NothingAsked, NotReplayed: &r.NotReplayed, Differs: &r.Differs,
	}
	for _, flow := range r.Flows {
		if count := counts[flow.Verdict]; count != nil {
			*count++
		}
	}
}

// checker checks flows, several at once.
type checker struct {
	inbox   *inbox
	options CheckOptions
	all     int

	mu   sync.Mutex
	done int
}

func (c *checker) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	if c.options.Progress != nil {
		c.options.Progress(c.done, c.all)
	}
}

func (c *checker) check(ctx context.Context, f *Flow) Checked {
	checked := Checked{
		Number: f.Number, RequestUUID: f.UUID, User: f.User, Message: f.Message, Recorded: f.End,
		AfterSeconds: int64(f.After / time.Second), Callback: f.Callback, Differences: []Difference{},
	}
	switch {
	case f.failed != "":
		checked.Verdict, checked.Why = NothingAsked, f.failed
		return checked
	case f.missing != "":
		checked.Verdict, checked.Why = NotReplayed, f.missing
		return checked
	}
	ctx, cancel := context.WithTimeout(ctx, 2*flowPatience)
	defer cancel()
	authy, err := c.perform(ctx, "authy", f)
	if err != nil {
		return checked.notReplayed("it could not be made through Authy's API: " + oneLine(err.Error()))
	}
	if why := asRecorded(f, authy); why != "" {
		return checked.notReplayed(why)
	}
	verify, err := c.perform(ctx, "verify", f)
	if err != nil {
		return checked.notReplayed("it could not be made through Verify's API: " + oneLine(err.Error()))
	}
	checked.Authy, checked.Verify = authy.end(), verify.end()
	checked.Differences = compare(f, authy, verify)
	checked.Verdict = verdictOf(checked.Differences)
	return checked
}

func (c Checked) notReplayed(why string) Checked {
	c.Verdict, c.Why = NotReplayed, why
	return c
}

// perform makes the flow through one API, on a server of its own.
func (c *checker) perform(ctx context.Context, api string, f *Flow) (outcome, error) {
	path := fmt.Sprintf("/%s/%d", api, f.Number)
	settings := verifySettings()
	if api == "authy" {
		settings = authySettings(f, c.inbox.base+path)
	}
	s, err := openStage(ctx, c.inbox, path, settings)
	if err != nil {
		return outcome{}, err
	}
	defer s.close()
	if c.options.prepare != nil {
		if err := c.options.prepare(ctx, api, s.control); err != nil {
			return outcome{}, err
		}
	}
	var p part = &verifyPart{stage: s}
	if api == "authy" {
		p = &authyPart{stage: s}
	}
	return perform(ctx, s, p, f)
}

// asRecorded says why what came out through Authy's API is not what the recording says; "": it is.
func asRecorded(f *Flow, o outcome) string {
	end := o.end()
	switch {
	case f.End == Refused && o.refused == nil:
		return "the recording says that it was refused (" + f.refusal + "), and here it was taken"
	case f.End != Refused && o.refused != nil:
		return "the recording says that it was taken, and here it was refused (" + o.refused.says + ")"
	case f.End != NotRecorded && f.End != end:
		return fmt.Sprintf("the recording says that it was %s, and here it was %s", f.End, end)
	default:
		return ""
	}
}

// verdictOf is what the differences come to.
func verdictOf(found []Difference) Verdict {
	verdict := Same
	for _, d := range found {
		if d.Decides || d.Rule == "" {
			return Differs
		}
		verdict = Explained
	}
	return verdict
}
