package controlapi

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Snapshots copies a database.
type Snapshots interface {
	Save(ctx context.Context, w io.Writer) error
	Restore(ctx context.Context, r io.Reader) error
}

// maxSnapshot bounds what is taken for a database, in bytes.
const maxSnapshot = 4 << 30

// saveSnapshot: GET /snapshot, the database as a file.
func (a *API) saveSnapshot(w http.ResponseWriter, r *http.Request) {
	if a.Snapshots == nil {
		refuse(w, r, onetouch.InvalidRequest("this server's database cannot be copied"))
		return
	}
	w.Header().Set("Content-Type", "application/vnd.sqlite3")
	counted := &countedWriter{Writer: w}
	if err := a.Snapshots.Save(r.Context(), counted); err != nil {
		if counted.written {
			panic(http.ErrAbortHandler) // whoever reads it must not take it for the whole
		}
		w.Header().Del("Content-Type")
		refuse(w, r, err)
	}
}

// countedWriter knows whether anything was written.
type countedWriter struct {
	io.Writer
	written bool
}

func (c *countedWriter) Write(p []byte) (int, error) {
	c.written = true
	return c.Writer.Write(p)
}

// restoreSnapshot: POST /snapshot, the file that GET has given.
func (a *API) restoreSnapshot(r *http.Request) (any, error) {
	if a.Snapshots == nil {
		return nil, onetouch.InvalidRequest("this server's database cannot be restored")
	}
	if err := a.Snapshots.Restore(r.Context(), http.MaxBytesReader(nil, r.Body, maxSnapshot)); err != nil {
		return nil, err
	}
	return a.server(r)
}

// SaveSnapshot writes a copy of the server's database.
func (c *Client) SaveSnapshot(ctx context.Context, w io.Writer) error {
	response, err := c.do(ctx, http.MethodGet, "/snapshot", http.NoBody)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, response.Body)
	return errors.Join(err, response.Body.Close())
}

// RestoreSnapshot puts the contents of a copy in place of all that the server has, and describes it as it is then.
func (c *Client) RestoreSnapshot(ctx context.Context, r io.Reader) (Server, error) {
	response, err := c.do(ctx, http.MethodPost, "/snapshot", io.NopCloser(r)) //nolint:bodyclose // decoded closes it
	return decoded[Server](c, response, err, "/snapshot")
}
