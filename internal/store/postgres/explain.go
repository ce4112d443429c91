package postgres

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/engine"
)

// Codes of PostgreSQL's errors (its manual, appendix A).
const (
	codeDiskFull      = "53100"
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeStarting      = "57P03" // or stopping
)

func codeOf(err error) string {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return said.Code
	}
	return ""
}

// isLost reports whether an error is that of a connection that is no more, and says nothing of the statement.
func isLost(err error) bool {
	code := codeOf(err)
	if code != "" {
		// 57P: the server stops, or is starting; 25P03: it has ended a connection that was silent for too long.
		return strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08") || code == "25P03"
	}
	var network net.Error
	var connecting *pgconn.ConnectError
	return errors.As(err, &connecting) || errors.As(err, &network) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || strings.Contains(err.Error(), "conn closed")
}

// isConflict reports whether a change has to be run again because of another one.
func isConflict(err error) bool {
	code := codeOf(err)
	return code == codeSerialization || code == codeDeadlock
}

// explain turns a failure that lies outside the program into a refusal that says what is wrong and what to do.
func (l *location) explain(err error) error {
	if err == nil || onetouch.CodeOf(err) != onetouch.CodeInternal {
		return err
	}
	code := codeOf(err)
	if code == codeDiskFull {
		return &onetouch.Error{Code: onetouch.CodeStorageFull, Err: withoutText(err), Message: fmt.Sprintf(
			"Database %s is full: there is no space left for it. Free some space and try again.", l.name())}
	}
	reasons := map[string]string{
		"28P01":      "user " + l.config.User + " is refused. Check the user and the password",
		"28000":      "user " + l.config.User + " is refused. Check the user, and how the server lets users in (pg_hba.conf)",
		"3D000":      "there is no such database. Create it: createdb " + l.config.Database,
		"42501":      "user " + l.config.User + " may not do that. Let them own the database, or its schema",
		"53300":      "it has too many connections. Raise max_connections, or run fewer servers on it",
		"55P03":      "another program keeps it locked. Wait for that program, or stop it",
		"25006":      "it may not be written. Name the primary server, not a standby",
		codeStarting: "its server is starting or stopping. Try again in a moment",
	}
	if reason, known := reasons[code]; known {
		return engine.Unavailable(withoutText(err), "Database %s cannot be used: %s.", l.name(), reason)
	}
	if isLost(err) {
		return engine.Unavailable(withoutText(err), "Database %s cannot be reached: %s. Check that its server runs, and the URL.",
			l.name(), lossOf(err))
	}
	return err
}

// lossOf says why there is no connection, without what the driver tells of its configuration.
func lossOf(err error) string {
	var number syscall.Errno
	var lookup *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &number):
		return number.Error()
	case errors.As(err, &lookup):
		return "there is no host " + lookup.Name
	case errors.As(err, &network) && network.Timeout():
		return "it does not answer"
	case strings.Contains(err.Error(), "tls"), strings.Contains(err.Error(), "TLS"):
		return "it does not speak TLS as the URL asks (sslmode)"
	default:
		return "the connection was lost"
	}
}

// withoutText keeps an error for errors.Is and As, but says of it no more than its kind: the driver's text tells of hosts and
// users.
func withoutText(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) {
		return fmt.Errorf("%s (SQLSTATE %s)", said.Message, said.Code)
	}
	var number syscall.Errno
	if errors.As(err, &number) {
		return number
	}
	return nil
}
