package terminal_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

func TestAge(t *testing.T) {
	t.Parallel()
	for passed, want := range map[time.Duration]string{
		0: "now", -time.Hour: "now", time.Second - 1: "now", time.Second: "1s", 59*time.Second + 1: "59s",
		119 * time.Second: "1m", time.Hour - 1: "59m", 23 * time.Hour: "23h", 24 * time.Hour: "1d", 47 * time.Hour: "1d",
		800 * time.Hour: "33d",
	} {
		if got := terminal.Age(passed); got != want {
			t.Errorf("%s ago is %q, want %q", passed, got, want)
		}
	}
}
