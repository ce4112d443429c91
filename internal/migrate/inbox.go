package migrate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// inbox takes what the two APIs send to a backend: callbacks and webhooks, each under a path of its own. It listens on this
// machine alone.
type inbox struct {
	base   string
	server *http.Server
	served chan struct{}

	mu    sync.Mutex
	heard map[string][]letter // by path
}

// letter is one thing that was sent.
type letter struct {
	url    string // that it was sent to
	header http.Header
	body   []byte
}

// request is the letter as a handler gets it.
func (l letter) request(ctx context.Context) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, bytes.NewReader(l.body))
	if err == nil {
		r.Header = l.header
	}
	return r, err
}

const (
	longestLetter  = 1 << 20 // bytes
	letterPatience = 10 * time.Second
)

func openInbox(ctx context.Context) (*inbox, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening a port for callbacks: %w", err)
	}
	box := &inbox{base: "http://" + listener.Addr().String(), served: make(chan struct{}), heard: map[string][]letter{}}
	box.server = &http.Server{Handler: box, ReadHeaderTimeout: letterPatience}
	go func() {
		defer close(box.served)
		_ = box.server.Serve(listener) // until it is closed
	}()
	return box, nil
}

func (b *inbox) close() {
	_ = b.server.Close()
	<-b.served
}

// ServeHTTP takes whatever comes.
func (b *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestLetter))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	path := r.URL.Path
	b.heard[path] = append(b.heard[path], letter{b.base + r.URL.RequestURI(), r.Header.Clone(), body})
}

// take returns what came under a path.
func (b *inbox) take(path string) []letter {
	b.mu.Lock()
	defer b.mu.Unlock()
	letters := b.heard[path]
	delete(b.heard, path)
	return letters
}
