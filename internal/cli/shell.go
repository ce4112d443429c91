package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/callbackaudit"
)

// shellTime bounds a command that a user has given, so that one that hangs is noticed.
const shellTime = 30 * time.Second

// shellFunction makes a function of a user's shell command. It returns what the command prints. When it may not fail silently
// (empty), printing nothing is an error.
func shellFunction(flag, command string, empty bool) func(context.Context, callbackaudit.Moment) (string, error) {
	return func(ctx context.Context, m callbackaudit.Moment) (string, error) {
		limited, cancel := context.WithTimeout(ctx, shellTime)
		defer cancel()
		words := shellWords(command)
		cmd := exec.CommandContext(limited, words[0], words[1:]...)
		cmd.Env = append(os.Environ(), "ONETOUCH_CASE="+m.Case, "ONETOUCH_UUID="+m.UUID, "ONETOUCH_STATUS="+m.Status)
		cmd.WaitDelay = time.Second
		var out, complaint bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &complaint
		err := cmd.Run()
		text := strings.TrimSpace(out.String())
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case limited.Err() != nil:
			return "", failedWith(ExitFailed, "%s did not end within %s", flag, shellTime)
		case err != nil:
			return "", failedWith(ExitFailed, "%s failed: %w%s", flag, err, firstLine(complaint.String()))
		case text == "" && !empty:
			return "", failedWith(ExitFailed, "%s printed nothing: it must print the UUID of the request", flag)
		default:
			return text, nil
		}
	}
}

func shellWords(command string) []string {
	if runtime.GOOS == "windows" {
		return []string{"cmd", "/c", command}
	}
	return []string{"sh", "-c", command}
}

// firstLine is the first line of a complaint, to be added to an error.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if line == "" {
		return ""
	}
	return ": " + line
}
