package footprint_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/footprint"
)

func TestForgetCode(t *testing.T) {
	t.Parallel()
	before := ofFiles(t)
	footprint.ForgetCode()
	if after := ofFiles(t); after >= before {
		t.Errorf("the process has %d KiB of files in its memory, as it had %d before", after, before)
	}
}

// ofFiles is how much of this process's memory is that of files, in KiB.
func ofFiles(t *testing.T) (kibibytes int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	if _, err := fmt.Sscan(rest, &kibibytes); err != nil {
		t.Fatal(err)
	}
	return kibibytes
}
