package cli

import (
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestPortTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", anyLocalPort)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	want := "port " + port + " is taken by a process that cannot be named (`lsof -i :" + port + "` may): "
	if runtime.GOOS == "linux" {
		want = fmt.Sprintf("port %s is taken by cli.test (process %d): ", port, os.Getpid())
	}
	_, err = listen(t.Context(), taken.Addr().String())
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("err = %v, want %q", err, want)
	}
}

func TestListenOnWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]ExitCode{
		"8181": ExitUsage, "": ExitUsage, "127.0.0.1:http:x": ExitUsage, "127.0.0.1:99999": ExitUsage,
		"no-such-host.invalid:0": ExitFailed,
	} {
		listener, err := listen(t.Context(), addr)
		if err == nil {
			_ = listener.Close()
		}
		if got := exitCodeOf(err); got != want || strings.Contains(err.Error(), "\n") {
			t.Errorf("listen(%q): %v, exit code %d, want %d", addr, err, got, want)
		}
	}
}

func TestURLOfListener(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"127.0.0.1:8181": "http://127.0.0.1:8181", "0.0.0.0:8181": "http://127.0.0.1:8181", "[::]:8181": "http://127.0.0.1:8181",
		"[::1]:8181": "http://[::1]:8181", "192.0.2.7:80": "http://192.0.2.7:80",
	} {
		resolved, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		if got := urlOf(resolved); got != want {
			t.Errorf("urlOf(%s) = %s, want %s", addr, got, want)
		}
	}
}

func TestInnermost(t *testing.T) {
	t.Parallel()
	cause := errors.New("refused")
	if got := innermost(fmt.Errorf("dialling: %w", fmt.Errorf("connecting: %w", cause))); !errors.Is(got, cause) || got.Error() != "refused" {
		t.Errorf("innermost = %v, want %v", got, cause)
	}
}
