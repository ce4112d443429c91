package quiet_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/terminal/quiet"
)

// The test binary is also the program whose environment is looked at. It says what the variable is while the process
// starts, and then what its environment is.
const reportVariable = "ONETOUCH_QUIET_TEST_REPORT"

func TestMain(m *testing.M) {
	if os.Getenv(reportVariable) == "" {
		quiet.Restore()
		os.Exit(m.Run())
	}
	hushed := os.Getenv(quiet.Variable) != ""
	quiet.Restore()
	fmt.Printf("hushed: %t\n%s", hushed, strings.Join(environment(), "\n"))
}

func environment() []string {
	variables := os.Environ()
	slices.Sort(variables)
	return variables
}

func TestEnvironmentIsRestored(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	others := []string{reportVariable + "=yes", "GOCOVERDIR=" + t.TempDir(), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
	for name, own := range map[string][]string{
		"unset": nil, "empty": {quiet.Variable + "="}, "true": {quiet.Variable + "=true"}, "other": {quiet.Variable + "=a=b "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), self)
			command.Env = slices.Concat(others, own)
			said, err := command.Output()
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Clone(command.Env)
			slices.Sort(want)
			if text := "hushed: true\n" + strings.Join(want, "\n"); string(said) != text {
				t.Errorf("the program says\n%s\nwant\n%s", said, text)
			}
		})
	}
}

func TestALaterValueIsLeftAlone(t *testing.T) {
	t.Setenv(quiet.Variable, "set meanwhile")
	quiet.Restore()
	if got := os.Getenv(quiet.Variable); got != "set meanwhile" {
		t.Errorf("Restore made it %q", got)
	}
}
