package cli

import (
	"slices"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// A wrong value is refused while flags are parsed, before a command does anything, in words that name the flag.
func TestFlagsRefuseWhileParsing(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"--limit=0":                   "",
		"--limit=-1":                  "--limit -1 is below 0",
		"--limit=ten":                 `--limit "ten" is no whole number`,
		"--timeout=1s":                "",
		"--timeout=-5m":               "--timeout -5m0s is in the past",
		"--timeout=5":                 `--timeout "5" is no length of time, such as 90s or 2m`,
		"--since=-1s":                 "--since -1s is in the future: say how long ago, such as 10m",
		"--channel=":                  "",
		"--channel=sms":               "",
		"--channel=SMS":               `--channel "SMS" is not known: choose from sms, call, email, push`,
		"--status=":                   "",
		"--status=denied,open":        `--status "open" is not known: choose from pending, approved, denied, expired`,
		"--shell=":                    `--shell "" is not known: choose from sh, fish`,
		"--times=x":                   `--times "x" is no whole number`,
		"--times=":                    `--times "" is no whole number`,
		"--seed=99999999999999999999": "--seed 99999999999999999999 is out of range",
		"--probability=often":         `--probability "often" is no number`,
		"--follow=x":                  `--follow "x" is no choice between true and false`,
		"--delay=5":                   `--delay "5" is no length of time, such as 90s or 2m`,
		"-1h":                         "-1h is taken for a flag: write -- before a value that begins with -",
		"-x":                          "unknown shorthand flag: 'x' in -x",
	} {
		var limit int
		var timeout, since time.Duration
		var channel onetouch.Channel
		var statuses []onetouch.Status
		shell, cmd := "sh", &cobra.Command{}
		cmd.Flags().Var(limitFlag{&limit}, "limit", "")
		cmd.Flags().Var(timeoutFlag(&timeout), "timeout", "")
		cmd.Flags().Var(sinceFlag(&since), "since", "")
		cmd.Flags().Var(wordsFlag[onetouch.Status]{&statuses, onetouch.Statuses()}, "status", "")
		addWordFlag(cmd, &channel, "channel", onetouch.Channels(), "")
		addWordFlag(cmd, &shell, "shell", []string{"sh", "fish"}, "")
		cmd.Flags().Int("times", 0, "")
		cmd.Flags().Int64("seed", 0, "")
		cmd.Flags().Float64("probability", 0, "")
		cmd.Flags().Bool("follow", false, "")
		cmd.Flags().Duration("delay", 0, "")
		got := ""
		if err := cmd.ParseFlags([]string{arg}); err != nil {
			got = wrongFlag(cmd, err).Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", arg, got, want)
		}
	}
}

// What a shell completes is what the service has.
func TestWordsOfSettings(t *testing.T) {
	t.Parallel()
	if got, want := config.Words(config.KeyProfile), profileNames(); !slices.Equal(got, want) {
		t.Errorf("profiles are completed to %q, there are %q", got, want)
	}
}
