package cli

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// testFactory makes commands that find no settings and no home.
func testFactory() *Factory {
	streams, _, _, _ := output.Test()
	nothingSet := config.Environment{Lookup: func(string) (string, bool) { return "", false }}
	return &Factory{Streams: streams, Env: nothingSet, Build: Build{Version: "1.2.3"}}
}

// leaves are the commands that do something themselves.
func leaves(cmd *cobra.Command) []*cobra.Command {
	if !cmd.HasSubCommands() {
		return []*cobra.Command{cmd}
	}
	var found []*cobra.Command
	for _, sub := range cmd.Commands() {
		found = append(found, leaves(sub)...)
	}
	return found
}

// What holds for every command.
func TestEveryCommand(t *testing.T) {
	t.Parallel()
	all := leaves(NewCmdRoot(testFactory()))
	if len(all) < 18 {
		t.Fatalf("only %d commands were found", len(all))
	}
	for _, cmd := range all {
		path := cmd.CommandPath()
		if cmd.Args == nil {
			t.Errorf("%s: whatever arguments are taken", path)
		}
		if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || len(cmd.Short) > 90 {
			t.Errorf("%s: short help %q", path, cmd.Short)
		}
		for _, name := range []string{"quiet", "json", "jq", "template"} {
			if cmd.Flags().Lookup(name) == nil && answersNobody()[path] == "" {
				t.Errorf("%s has no --%s, so a script cannot read its answer", path, name)
			}
		}
	}
}

// answersNobody are the commands without an answer for scripts, each with the reason.
func answersNobody() map[string]string {
	return map[string]string{
		"onetouch tui":  "it is a screen for a person",
		"onetouch exec": "its answer is that of the command that it runs; --report is the rest",
	}
}

// fieldsFile pins the names of the fields of --json, which scripts rely on: a line for each command. A field that is added
// gets a place in it; one that was there stays.
const fieldsFile = "testdata/fields.txt"

func TestFieldNamesAreStable(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(fieldsFile)
	if err != nil {
		t.Fatal(err)
	}
	pinned := map[string]string{}
	for line := range strings.Lines(string(content)) {
		path, fields, _ := strings.Cut(strings.TrimSpace(line), ": ")
		pinned[path] = fields
	}
	for _, cmd := range leaves(NewCmdRoot(testFactory())) {
		path, flag := cmd.CommandPath(), cmd.Flags().Lookup("json")
		if flag == nil {
			continue // which another test is about
		}
		_, fields, _ := strings.Cut(flag.Usage, "fields: ")
		if want := pinned[path]; fields != want || fields == "" {
			t.Errorf("%s has the fields\n%s\nand is pinned to\n%s\nWhat scripts read must stay; what is new is added to %s.",
				path, fields, want, fieldsFile)
		}
		delete(pinned, path)
	}
	for path := range pinned {
		t.Errorf("%s has fields in %s, but it is gone or has no --json", path, fieldsFile)
	}
}

// Every word of a command line is completed, or knowingly not: by default a shell would offer files.
func TestEveryCommandIsCompleted(t *testing.T) {
	t.Parallel()
	root := NewCmdRoot(testFactory())
	offerNoFiles(root)
	identifiers, flagsInUse := regexp.MustCompile(`\b(ID|UUID|APP)\b`), regexp.MustCompile(`--[a-z-]+ [A-Z]+`)
	for _, cmd := range leaves(root) {
		path := cmd.CommandPath()
		if identifiers.MatchString(flagsInUse.ReplaceAllString(cmd.Use, "")) && !completesLive(cmd.ValidArgsFunction) {
			t.Errorf("%s: %q has no live values", path, cmd.Use)
		}
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			placeholder, _ := pflag.UnquoteUsage(flag)
			complete, _ := cmd.GetFlagCompletionFunc(flag.Name)
			if identifiers.MatchString(placeholder) && !completesLive(complete) {
				t.Errorf("%s: --%s %s has no live values", path, flag.Name, placeholder)
			}
		})
	}
}

// completesLive reports whether a completion is more than that there are no files to offer.
func completesLive(complete cobra.CompletionFunc) bool {
	return complete != nil && reflect.ValueOf(complete).Pointer() != reflect.ValueOf(cobra.NoFileCompletions).Pointer()
}

// asked parses and checks the flags of 'request send'.
func asked(args ...string) (*requestSendOptions, error) {
	o, cmd := &requestSendOptions{}, &cobra.Command{}
	addQuestionFlags(testFactory(), cmd, o)
	if err := cmd.ParseFlags(args); err != nil {
		return o, err
	}
	err := o.check()
	return o, err
}

func TestRequestSendFlags(t *testing.T) {
	t.Parallel()
	if _, err := asked("--user", "0"); err == nil {
		t.Error("user 0 was taken")
	}
	o, err := asked("--user", "1000", "--message", "Pay?", "--detail", "b=2", "--detail", "a=1,3",
		"--hidden", "ip=192.0.2.7", "--logo", "low=https://example.com/?a=b", "--expires-in", "2m", "--wait", "--timeout", "3s")
	if err != nil {
		t.Fatal(err)
	}
	question := o.question
	wantDetails := details.List{{Name: "b", Value: "2"}, {Name: "a", Value: "1,3"}}
	if o.authyID != 1000 || question.Message != "Pay?" || !slices.Equal(question.Details, wantDetails) {
		t.Errorf("user %d, question %+v", o.authyID, question)
	}
	if got := question.Logos; len(got) != 1 || got[0].Resolution != "low" || got[0].URL != "https://example.com/?a=b" {
		t.Errorf("logos = %+v", got)
	}
	if *question.SecondsToExpire != 120 || !o.wait || o.timeout != 3*time.Second {
		t.Errorf("expires in %d s, wait %t, timeout %s", *question.SecondsToExpire, o.wait, o.timeout)
	}
}

func TestExpiryFlag(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "0s": 0, "1s": 1, "90s": 90, "2m": 120, "24h": 86400, "1h1m1s": 3661,
		"": -1, "1": -1, "-1s": -1, "1.5s": -1, "500ms": -1, "soon": -1, "never": -1,
	} {
		var seconds *int64
		err := expiryFlag{&seconds}.Set(text)
		if want < 0 {
			if err == nil || seconds != nil {
				t.Errorf("%q was taken", text)
			}
			continue
		}
		if err != nil || *seconds != want {
			t.Errorf("%q: %v, %v, want %d", text, err, seconds, want)
		}
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	s, _, _, _ := output.Test()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	if got := age(s, now, now); got != "2026-11-25T12:00:00Z" {
		t.Errorf("for a program: %q", got)
	}
	s.Terminal.Out = true
	for passed, want := range map[time.Duration]string{
		0: "now", -time.Hour: "now", 999 * time.Millisecond: "now", time.Second: "1s", 59 * time.Second: "59s",
		time.Minute: "1m", 59 * time.Minute: "59m", 25 * time.Hour: "1d", 23 * time.Hour: "23h", 800 * time.Hour: "33d",
	} {
		if got := age(s, now, now.Add(-passed)); got != want {
			t.Errorf("%s ago: %q, want %q", passed, got, want)
		}
	}
}

func TestExitCodesOfStatuses(t *testing.T) {
	t.Parallel()
	for status, want := range map[onetouch.Status]ExitCode{
		onetouch.StatusApproved: 0, onetouch.StatusDenied: 4, onetouch.StatusExpired: 5, onetouch.StatusPending: 1, "": 1,
	} {
		if got := exitCodeOfStatus(status); got != want {
			t.Errorf("%q ends with %d, want %d", status, got, want)
		}
	}
}

// Words that others have written stay on one line, and do nothing to the terminal.
func TestOffered(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"1000": "1000", "1000\tada@example.com": "1000\tada@example.com", "a\tb\tc\nd\x1b[2J": "a\tb␉c␊d␛[2J", "x\n\ty": "x␊\ty",
	} {
		if got := offered(value); got != want {
			t.Errorf("%q is offered as %q, want %q", value, got, want)
		}
	}
}
