package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/cli"
	"github.com/onetouchkit/onetouch/internal/terminal/quiet"
)

// Started with one of these arguments the test binary is a program: onetouch that then starts a process of its own, and
// that process, which says what its environment is.
const (
	startsAnother = "onetouch-starts-another"
	saysItsOwn    = "says-its-environment"
)

func TestMain(m *testing.M) {
	switch os.Args[len(os.Args)-1] {
	case startsAnother:
		os.Exit(startAnother())
	case saysItsOwn:
		quiet.Restore() // its own change, not that of the process that started it
		fmt.Print(strings.Join(sorted(os.Environ()), "\n"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func startAnother() int {
	if code := cli.Main([]string{"version"}, cli.Build{Version: "test"}); code != 0 {
		return code
	}
	command := exec.Command(os.Args[0], saysItsOwn)
	command.Stdout = os.Stderr // apart from what onetouch says
	if err := command.Run(); err != nil {
		return 1
	}
	return 0
}

func sorted(variables []string) []string { return slices.Sorted(slices.Values(variables)) }

// TestChildrenSeeTheEnvironmentAsItWas: onetouch changes a variable for the moment in which it starts.
func TestChildrenSeeTheEnvironmentAsItWas(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	others := []string{"HOME=" + t.TempDir(), "GOCOVERDIR=" + t.TempDir(), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
	for name, own := range map[string][]string{
		"unset": nil, "empty": {"CI="}, "true": {"CI=true"}, "other": {"CI=Our own, version 3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var environment strings.Builder
			command := exec.CommandContext(t.Context(), self, startsAnother)
			command.Env, command.Stderr = slices.Concat(others, own), &environment
			if err := command.Run(); err != nil {
				t.Fatalf("%v: %s", err, &environment)
			}
			if got, want := environment.String(), strings.Join(sorted(command.Env), "\n"); got != want {
				t.Errorf("a process that onetouch started has the environment\n%s\nwant\n%s", got, want)
			}
		})
	}
}
