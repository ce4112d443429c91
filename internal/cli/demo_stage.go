package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// stage is what the story needs: a server with nothing in it, and a backend that takes callbacks. Both listen on free ports
// of this machine and keep everything in memory.
type stage struct {
	url       string
	http      *http.Client
	control   *controlapi.Client
	backend   *authy.Client
	callbacks *callbackReceiver
	close     func()
}

const anyLocalPort = "127.0.0.1:0"

func openStage(ctx context.Context, build Build) (*stage, error) {
	apiKey, token := rand.Text(), rand.Text()
	callbacks, err := receiveCallbacks(ctx, apiKey)
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, anyLocalPort)
	if err != nil {
		callbacks.close()
		return nil, err
	}
	name := "Acme Bank"
	s, err := server.Open(ctx, server.Options{
		Database: store.Memory, ControlToken: token, Version: build.Version,
		Application: onetouch.ApplicationSettings{Name: name, APIKey: apiKey, CallbackURL: &callbacks.url},
	})
	if err != nil {
		callbacks.close()
		return nil, errors.Join(err, listener.Close())
	}
	st := &stage{url: urlOf(listener.Addr()), http: &http.Client{Transport: &http.Transport{}}, callbacks: callbacks}
	st.control = controlapi.NewClient(st.url, token, st.http)
	st.backend = authy.New(apiKey, authy.WithBaseURL(st.url), authy.WithHTTPClient(st.http))
	st.serve(ctx, s, listener)
	return st, nil
}

// serve runs the server until the stage is closed.
func (st *stage) serve(ctx context.Context, s *server.Server, listener net.Listener) {
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() { _ = s.Serve(serving, listener) }) // a failure shows in what the story does next
	st.close = func() {
		stop()
		st.http.CloseIdleConnections()
		work.Wait()
		_ = s.Close()
		st.callbacks.close()
	}
}

// callbackReceiver is the part of a backend that takes callbacks, as its developer would write it with pkg/callback.
type callbackReceiver struct {
	url      string
	received chan demoCallback
	refused  chan error
	close    func()
}

func receiveCallbacks(ctx context.Context, apiKey string) (*callbackReceiver, error) {
	listener, err := listen(ctx, anyLocalPort)
	if err != nil {
		return nil, fmt.Errorf("starting the backend: %w", err)
	}
	r := &callbackReceiver{
		url: urlOf(listener.Addr()) + "/callback", received: make(chan demoCallback, 1), refused: make(chan error, 1),
	}
	verifier := &callback.Verifier{APIKey: apiKey, URL: r.url, Logger: slog.New(slog.DiscardHandler)}
	receiver := &http.Server{Handler: r.handler(verifier), ReadHeaderTimeout: demoTime}
	var work sync.WaitGroup
	work.Go(func() { _ = receiver.Serve(listener) }) // it ends when it is closed
	r.close = func() {
		_ = receiver.Close()
		work.Wait()
	}
	return r, nil
}

func (r *callbackReceiver) handler(verifier *callback.Verifier) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		verified, err := verifier.Verify(request)
		if err != nil {
			http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
			offer(r.refused, err)
			return
		}
		w.WriteHeader(http.StatusOK)
		offer(r.received, demoCallback{
			Verified: true, Method: request.Method, URL: r.url, Status: string(verified.Status),
		})
	})
}

// offer sends the first value; nobody waits for more.
func offer[T any](values chan<- T, value T) {
	select {
	case values <- value:
	default:
	}
}

// wait returns the callback once it has come.
func (r *callbackReceiver) wait(ctx context.Context) (demoCallback, error) {
	select {
	case received := <-r.received:
		return received, nil
	case err := <-r.refused:
		return demoCallback{}, fmt.Errorf("the backend refused the callback: %w", err)
	case <-ctx.Done():
		return demoCallback{}, fmt.Errorf("waiting for the callback: %w", ctx.Err())
	}
}
