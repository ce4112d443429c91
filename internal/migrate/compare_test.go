package migrate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// approvedOutcome is what a flow shows that was approved after five seconds.
func approvedOutcome() outcome {
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	shown, hidden := details.List{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}, details.List{{Name: "order", Value: "7"}}
	return outcome{
		first:  standing{status: approval.Pending, created: at, expires: at.Add(time.Minute)},
		screen: &device.ApprovalRequest{AppName: appName, Question: approval.Question{Message: "Log in?", Details: shown}},
		last: standing{
			status: approval.Approved, created: at, expires: at.Add(time.Minute), answered: at.Add(5 * time.Second), byPhone: true,
			hidden: hidden,
		},
		letters: 1,
		told: &told{
			status: approval.Approved, message: "Log in?", shown: shown, hidden: hidden, byPhone: true, timed: true, question: true,
		},
	}
}

// Whatever is otherwise at one side is found, and nothing explains it.
func TestCompareFindsEverything(t *testing.T) {
	t.Parallel()
	if found := compare(&Flow{}, approvedOutcome(), approvedOutcome()); len(found) != 0 {
		t.Fatalf("found %+v in the same", found)
	}
	swapped := details.List{{Name: "B", Value: "2"}, {Name: "A", Value: "1"}}
	for name, c := range map[string]struct {
		change func(*outcome)
		aspect Aspect
		says   string
	}{
		"refused":          {func(o *outcome) { o.refused = &refusal{badQuestion, "400"} }, AspectTaken, "Authy taken, Verify refused (400)"},
		"no screen":        {func(o *outcome) { o.screen, o.noScreen = nil, "gone" }, AspectShown, "Verify not shown: gone"},
		"application":      {func(o *outcome) { o.screen.AppName = "Mallory" }, AspectShown, "by somebody else"},
		"message":          {func(o *outcome) { o.screen.Message = "Pay?" }, AspectShown, "another message"},
		"order of details": {func(o *outcome) { o.screen.Details = swapped }, AspectShown, "in another order"},
		"fewer details":    {func(o *outcome) { o.screen.Details = swapped[:1] }, AspectShown, "1 of them, not 2"},
		"another detail": {func(o *outcome) { o.screen.Details = details.List{{Name: "A", Value: "1"}, {Name: "B", Value: "3"}} },
			AspectShown, "number 2 is another"},
		"expiry":              {func(o *outcome) { o.first.expires = o.first.created.Add(90 * time.Second) }, AspectExpiry, "after 1 minute, Verify after 90 seconds"},
		"never":               {func(o *outcome) { o.first.expires = time.Time{} }, AspectExpiry, "Verify never"},
		"at first":            {func(o *outcome) { o.first.status = approval.Expired }, AspectEnd, "pending at first, Verify expired"},
		"a second before":     {func(o *outcome) { o.early = approval.Expired }, AspectEnd, "a second before, Verify expired"},
		"end":                 {func(o *outcome) { o.last.status = approval.Denied }, AspectEnd, "Authy approved, Verify denied"},
		"too late":            {func(o *outcome) { o.last.status, o.tooLate = approval.Expired, true }, AspectEnd, "came too late"},
		"not answered":        {func(o *outcome) { o.last.status, o.noAnswer = approval.Pending, "no" }, AspectEnd, "the answer was refused (no)"},
		"time":                {func(o *outcome) { o.last.answered = o.last.answered.Add(time.Second) }, AspectTime, "after 5 seconds, Verify answered after 6"},
		"no time":             {func(o *outcome) { o.last.answered = time.Time{} }, AspectTime, "no time of the answer"},
		"answerer":            {func(o *outcome) { o.last.byPhone = false }, AspectAnswerer, "does not name the phone"},
		"hidden details":      {func(o *outcome) { o.last.hidden = nil }, AspectHidden, "0 of them, not 1"},
		"not sent":            {func(o *outcome) { o.letters, o.told = 0, nil }, AspectCallback, "Verify not sent"},
		"sent twice":          {func(o *outcome) { o.letters = 2 }, AspectCallback, "sent 2 times"},
		"forged":              {func(o *outcome) { o.badPost, o.told = "signature is wrong", nil }, AspectCallback, "cannot be trusted: signature is wrong"},
		"told status":         {func(o *outcome) { o.told.status = approval.Denied }, AspectCallback, "says denied"},
		"told nothing":        {func(o *outcome) { o.told.status = "" }, AspectCallback, "says nothing of the answer"},
		"told message":        {func(o *outcome) { o.told.message = "" }, AspectCallback, "another message"},
		"told details":        {func(o *outcome) { o.told.shown = swapped }, AspectCallback, "details, Verify in another order"},
		"told hidden details": {func(o *outcome) { o.told.hidden = nil }, AspectCallback, "hidden details, Verify 0 of them"},
		"told phone":          {func(o *outcome) { o.told.byPhone = false }, AspectCallback, "does not name the phone"},
		"told time":           {func(o *outcome) { o.told.timed = false }, AspectCallback, "does not say when"},
		"told request":        {func(o *outcome) { o.told.question = false }, AspectCallback, "names another request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			verify := approvedOutcome()
			c.change(&verify)
			found := compare(&Flow{Ask: Ask{SecondsToExpire: new(int64)}}, approvedOutcome(), verify)
			at := slices.IndexFunc(found, func(d Difference) bool { return d.Aspect == c.aspect && strings.Contains(d.String(), c.says) })
			if at < 0 {
				t.Fatalf("found %v, want %s: %s", found, c.aspect, c.says)
			}
			if end := c.aspect == AspectTaken || c.aspect == AspectEnd && verify.end() != "approved"; found[at].Decides != end {
				t.Errorf("decides: %t", found[at].Decides)
			}
		})
	}
}

func TestSpell(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", 90 * time.Second: "90 seconds", time.Minute: "1 minute", time.Hour: "1 hour",
		36 * time.Hour: "36 hours", 48 * time.Hour: "2 days", 10*time.Minute + 500*time.Millisecond: "600 seconds",
	} {
		if got := spell(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestNumbered(t *testing.T) {
	t.Parallel()
	for want, flows := range map[string][]int{
		"flow 3": {3}, "flows 1, 2": {1, 2}, "flows 1 to 3, 5": {1, 2, 3, 5}, "flows 1, 3, 4, 8 to 11": {1, 3, 4, 8, 9, 10, 11},
	} {
		if got := numbered(flows); got != want {
			t.Errorf("%s: got %q, want %q", fmt.Sprint(flows), got, want)
		}
	}
}
