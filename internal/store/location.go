package store

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/onetouchkit/onetouch/internal/store/engine"
	"github.com/onetouchkit/onetouch/internal/store/postgres"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

// Memory names a database in memory, which nobody else sees and which ends with [DB.Close].
const Memory = ":memory:"

// Location is where a database is: in a file, at a URL, or, the zero Location, in memory.
type Location struct {
	Path string // absolute
	URL  string // may hold a password
}

// ParseLocation reads what a user names: the path of a file, a URL, or [Memory].
func ParseLocation(text string) (Location, error) {
	switch {
	case text == "":
		return Location{}, unknownEngine(text)
	case text == Memory:
		return Location{}, nil
	case strings.Contains(text, "://"):
		return Location{URL: text}, nil
	case isKeywords(text):
		return Location{}, engine.Unavailable(nil, "The database must be named by a URL, such as postgres://user@host:5432/database, "+
			"not by keywords with an equals sign.")
	}
	path, err := filepath.Abs(text)
	if err != nil {
		return Location{}, fmt.Errorf("finding the database %s: %w", text, err)
	}
	return Location{Path: path}, nil
}

// isKeywords reports whether a text is how libpq names a database, which may have a password in it and is no file that anybody
// means.
func isKeywords(text string) bool {
	for word := range strings.FieldsSeq(text) {
		name, _, hasValue := strings.Cut(word, "=")
		if hasValue && (name == "host" || name == "dbname" || name == "password" || name == "user") {
			return true
		}
	}
	return false
}

// String is what [ParseLocation] reads as the same location, in whichever folder.
func (l Location) String() string {
	switch {
	case l.URL != "":
		return l.URL
	case l.Path != "":
		return l.Path
	default:
		return Memory
	}
}

// Shown is the database as anybody may see it, and as servers and commands tell each other of it: without a password.
func Shown(database string) string {
	if !strings.Contains(database, "://") {
		return database
	}
	parsed, err := url.Parse(database)
	if err != nil || parsed.Scheme == "" || parsed.Opaque != "" { // there is no telling what is a password
		scheme, _, _ := strings.Cut(database, "://")
		return scheme + "://…"
	}
	if parsed.User != nil {
		parsed.User = url.User(parsed.User.Username())
	}
	parsed.Fragment = ""
	query := parsed.Query()
	for name := range query {
		if name != "search_path" && name != "host" && name != "port" && name != "dbname" {
			query.Del(name)
		}
	}
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

// openEngine opens the engine of a location. Another engine is a scheme here.
func openEngine(ctx context.Context, l Location) (engine.Engine, error) {
	switch {
	case l.URL == "":
		return sqlite.Open(ctx, l.Path)
	case postgres.IsURL(l.URL):
		return postgres.Open(ctx, l.URL)
	}
	scheme, _, _ := strings.Cut(l.URL, "://") // the rest may hold a password
	return nil, unknownEngine(scheme)
}

func unknownEngine(name string) error {
	return engine.Unavailable(nil, "Database %q cannot be used: it must be the path of a file, postgres://…, or %s.", name, Memory)
}
