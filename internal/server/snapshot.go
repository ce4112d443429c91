package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Save writes a copy of the database.
func (s *Server) Save(ctx context.Context, w io.Writer) error {
	return aside(func(path string) error {
		if err := s.store.Save(ctx, path); err != nil {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("copying the database: %w", err)
		}
		_, err = io.Copy(w, file)
		return errors.Join(err, file.Close())
	})
}

// Restore puts the contents of a copy in place of all that is there.
func (s *Server) Restore(ctx context.Context, r io.Reader) error {
	return aside(func(path string) error {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("restoring the database: %w", err)
		}
		_, err = io.Copy(file, r)
		if err := errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("restoring the database: %w", err)
		}
		event := onetouch.Event{Type: onetouch.EventRestored, At: s.options.Clock.Now()}
		if err := s.store.Restore(context.WithoutCancel(ctx), path, event); err != nil {
			return err
		}
		s.faults.ForgetDeliveries()
		return s.service.Restored(context.WithoutCancel(ctx))
	})
}

// aside does something with a file in a folder of its own, which is for this user only and removed afterwards.
func aside(do func(path string) error) error {
	folder, err := os.MkdirTemp("", "onetouch-snapshot-")
	if err != nil {
		return fmt.Errorf("making a folder for a copy of the database: %w", err)
	}
	return errors.Join(do(filepath.Join(folder, "server.db")), os.RemoveAll(folder))
}
