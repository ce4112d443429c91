package cli

import (
	"context"
	"path/filepath"

	"github.com/onetouchkit/onetouch/internal/intercept"
	"github.com/onetouchkit/onetouch/internal/server"
)

// interception leads calls for Authy's own hosts to the server of 'onetouch exec'.
type interception struct{}

func (interception) start(ctx context.Context, s surroundings) (variables []string, stop func() error, err error) {
	running, err := intercept.Start(ctx, intercept.Options{
		Hosts: server.AuthyHosts(), Handler: s.Handler, Environment: s.Environment,
		Folder: filepath.Join(s.Folder, "intercept"), Logger: s.Logger,
	})
	if err != nil {
		return nil, nil, err
	}
	return running.Environment(), func() error {
		running.Close()
		return nil
	}, nil
}
