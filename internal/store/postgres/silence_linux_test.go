package postgres_test

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/onetouchkit/onetouch/internal/store/postgres"
	server "github.com/onetouchkit/onetouch/internal/testneeds/postgres"
)

// A connection to a machine that falls silent does not last: what the system is told of it stands for the silence itself, for
// which a test would need a firewall.
func TestSilenceIsNoticed(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), server.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	conn, is := db.Conn().(*net.TCPConn)
	if !is {
		t.Fatalf("it is connected by a %T", db.Conn())
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		for option, want := range map[int]int{
			unix.TCP_KEEPIDLE: 3, unix.TCP_KEEPINTVL: 1, unix.TCP_KEEPCNT: 3, unix.TCP_USER_TIMEOUT: 6000,
		} {
			if got, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option); err != nil || got != want {
				t.Errorf("option %d is %d, %v, want %d", option, got, err, want)
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}
