package cli

import (
	"context"
	"log/slog"
	"net/http"
)

// around is something that stands between the command of 'onetouch exec' and the rest of the world while the command runs.
type around interface {
	// start makes it ready, and returns the variables that it adds to the environment of the command, as NAME=VALUE. stop is
	// called once the command has ended.
	start(ctx context.Context, s surroundings) (variables []string, stop func() error, err error)
}

// surroundings are what it can use.
type surroundings struct {
	URL         string       // of the server
	Handler     http.Handler // of the server, for calls that come in some other way
	Folder      string       // is there for it, and removed at the end; only the user can enter it
	Environment []string     // of the command so far, as NAME=VALUE
	Logger      *slog.Logger
}
