package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// measureCallbacks has approvals come at a steady rate, whether or not those of before are done, and tells how long each
// took from the moment at which the phone sends its signed answer until the backend has the callback, verified.
func measureCallbacks(ctx context.Context, binary, home string, rate int, steady time.Duration) (err error) {
	backend := &receiver{arrived: map[string]chan time.Time{}}
	listening := httptest.NewServer(callback.Handler(&callback.Verifier{APIKey: apiKey}, backend.handle))
	defer listening.Close()
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	stop, err := running(serve(ctx, binary, filepath.Join(home, "callbacks"),
		"--addr", "127.0.0.1:"+port, "--callback-url", listening.URL))
	if err != nil {
		return err
	}
	defer func() { err = stop(err) }()
	base := "http://127.0.0.1:" + port
	if err := firstAnswer(base+"/healthz", time.Now()); err != nil {
		return err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: rate}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	flows, err := newFlows(ctx, base, client, backend)
	if err != nil {
		return err
	}
	took, err := flows.atRate(ctx, rate, steady)
	if err != nil {
		return err
	}
	slices.Sort(took)
	at := func(percent int) float64 { return milliseconds(took[(len(took)-1)*percent/100]) }
	fmt.Printf("%-44s median %6.2f   p99 %6.2f   max %6.2f   (%d flows at %d a second)\n",
		"signed approval to callback, ms", at(50), at(99), at(100), len(took), rate)
	return nil
}

// receiver is a backend that notes when the callback of each request came.
type receiver struct {
	mu      sync.Mutex
	arrived map[string]chan time.Time
}

func (r *receiver) handle(_ context.Context, c *callback.Callback) error {
	r.of(c.UUID) <- time.Now()
	return nil
}

// of is where the callback of a request is told, whoever asks first.
func (r *receiver) of(uuid string) chan time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arrived[uuid] == nil {
		r.arrived[uuid] = make(chan time.Time, 1)
	}
	return r.arrived[uuid]
}

// flows are approvals by one user with one phone.
type flows struct {
	backend  *authy.Client
	phone    *device.Device
	authyID  int64
	receiver *receiver
}

func newFlows(ctx context.Context, base string, client *http.Client, r *receiver) (flows, error) {
	f := flows{backend: authy.New(apiKey, authy.WithBaseURL(base), authy.WithHTTPClient(client)), receiver: r}
	var err error
	if f.authyID, err = f.backend.CreateUser(ctx, authy.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"}); err != nil {
		return flows{}, err
	}
	token, err := f.backend.StartRegistration(ctx, f.authyID)
	if err != nil {
		return flows{}, err
	}
	f.phone, err = device.Register(ctx, device.Registration{Server: base, HTTPClient: client, Token: token})
	return f, err
}

// atRate begins a flow at each tick, and returns what all of them took.
func (f flows) atRate(ctx context.Context, rate int, steady time.Duration) ([]time.Duration, error) {
	var (
		running sync.WaitGroup
		mu      sync.Mutex
		took    []time.Duration
		failed  error
	)
	ticks := time.NewTicker(time.Second / time.Duration(rate))
	defer ticks.Stop()
	for range int(steady.Seconds() * float64(rate)) {
		<-ticks.C
		running.Go(func() {
			one, err := f.one(ctx)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, one)
			if err != nil {
				failed = err
			}
		})
	}
	running.Wait()
	return took, failed
}

func (f flows) one(ctx context.Context) (time.Duration, error) {
	uuid, err := f.backend.CreateApprovalRequest(ctx, f.authyID, authy.NewApprovalRequest{Message: "Send $12,400 to ACME?"})
	if err != nil {
		return 0, err
	}
	request, err := f.phone.ApprovalRequest(ctx, uuid)
	if err != nil {
		return 0, err
	}
	signed := time.Now()
	if err := f.phone.Approve(ctx, request); err != nil {
		return 0, err
	}
	select {
	case at := <-f.receiver.of(uuid):
		return at.Sub(signed), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}
