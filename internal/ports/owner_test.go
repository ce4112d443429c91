package ports

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// socketHeader and socketLine are as Linux writes them: a listener on port 0x1FF5, inode 4711.
const (
	socketHeader = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	socketLine   = "   0: %s:1FF5 00000000:0000 %s 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n"
)

func TestProcessOn(t *testing.T) {
	t.Parallel()
	const v4, v6, listening, established = "0100007F", "00000000000000000000000001000000", "0A", "01"
	for name, test := range map[string]struct {
		table, content, socket string
		port                   uint16
		want                   string
	}{
		"IPv4":             {"tcp", fmt.Sprintf(socketLine, v4, listening), "socket:[4711]", 0x1FF5, "backend 42"},
		"IPv6":             {"tcp6", fmt.Sprintf(socketLine, v6, listening), "socket:[4711]", 0x1FF5, "backend 42"},
		"another port":     {"tcp", fmt.Sprintf(socketLine, v4, listening), "socket:[4711]", 0x1FF4, " 0"},
		"a connection":     {"tcp", fmt.Sprintf(socketLine, v4, established), "socket:[4711]", 0x1FF5, " 0"},
		"another's socket": {"tcp", fmt.Sprintf(socketLine, v4, listening), "socket:[4712]", 0x1FF5, " 0"},
		"broken":           {"tcp", "   0: :1FF5\n", "socket:[4711]", 0x1FF5, " 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proc := t.TempDir()
			put(t, filepath.Join(proc, "net", test.table), socketHeader+test.content)
			put(t, filepath.Join(proc, "42", "comm"), "backend\n")
			put(t, filepath.Join(proc, "42", "fd", "0"), "")
			if err := os.Symlink(test.socket, filepath.Join(proc, "42", "fd", "7")); err != nil {
				t.Fatal(err)
			}
			if name, pid := processOn(proc, test.port); fmt.Sprint(name, " ", pid) != test.want {
				t.Errorf("found %s (%d), want %s", name, pid, test.want)
			}
		})
	}
}

func put(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
