//go:build unix

package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/internal/testneeds/postgres"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// flowsVariable is how many flows TestReplicas runs, over a tenth as many devices, 200 at most.
const flowsVariable = "ONETOUCH_TEST_REPLICA_FLOWS"

// TestReplicas runs three servers on one database and lets every connection lead to another one. One of them is killed on the
// way, and the database is restarted. Every request that was acknowledged is answered, and its callback comes once.
func TestReplicas(t *testing.T) {
	t.Parallel()
	flows := 120
	if text := os.Getenv(flowsVariable); text != "" {
		var err error
		if flows, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s=%s is no number", flowsVariable, text)
		}
	}
	// What hangs ends; nothing else is measured by it.
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute+time.Duration(flows)*50*time.Millisecond)
	defer cancel()
	database := postgres.Start(t)
	s := &replicaStory{called: map[string][]string{}, arrived: make(chan struct{}, 1)}
	receiver := httptest.NewServer(callback.Handler(&callback.Verifier{APIKey: apiKey}, s.hear))
	t.Cleanup(receiver.Close)
	f := newFleet(t, 3, database.Database(t), receiver.URL)
	s.backend = authy.New(apiKey, authy.WithBaseURL(fleetURL), authy.WithHTTPClient(f.client))
	s.addPhones(ctx, t, f, min(max(flows/10, 6), 200))

	started := time.Now()
	marks := map[int64]func(){
		int64(flows / 3):     func() { f.kill(t, 0) },
		int64(flows * 2 / 3): func() { database.Restart(t, nil) },
	}
	var done atomic.Int64
	var all, accidents sync.WaitGroup
	for i, p := range s.phones {
		all.Go(func() {
			for n := i; n < flows; n += len(s.phones) {
				s.flow(ctx, t, p)
				if accident := marks[done.Add(1)]; accident != nil {
					accidents.Go(accident)
				}
			}
		})
	}
	all.Wait()
	t.Logf("all were approved after %s, and %d callbacks had not come by then", time.Since(started).Round(time.Millisecond), s.missing())
	accidents.Wait()
	s.await(ctx)
	s.judge(t, flows, time.Since(started))
}

const fleetURL = "http://localhost"

// fleet is several servers, and a client whose every connection leads to another one of them.
type fleet struct {
	client   *http.Client
	replicas []*replica
	turn     atomic.Int64
}

type replica struct {
	address string
	process *exec.Cmd
	ended   chan struct{}
}

func newFleet(t *testing.T, size int, database, callbackURL string) *fleet {
	t.Helper()
	f := &fleet{}
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DialContext: f.dial}
	t.Cleanup(transport.CloseIdleConnections)
	f.client = &http.Client{Transport: transport}
	program := testneeds.Built(t, "./cmd/onetouch")
	for range size {
		f.replicas = append(f.replicas, startReplica(t, program, database, callbackURL))
	}
	for _, r := range f.replicas {
		r.awaitReady(t)
	}
	return f
}

func (f *fleet) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	var dialer net.Dialer
	var failures []error
	for range f.replicas {
		next := f.replicas[f.turn.Add(1)%int64(len(f.replicas))]
		conn, err := dialer.DialContext(ctx, "tcp", next.address)
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// kill ends a replica as a power cut would.
func (f *fleet) kill(t *testing.T, number int) {
	if err := f.replicas[number].process.Process.Kill(); err != nil {
		t.Error(err)
	}
	<-f.replicas[number].ended
}

func startReplica(t *testing.T, program, database, callbackURL string) *replica {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &replica{address: listener.Addr().String(), ended: make(chan struct{})}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	r.process = exec.Command(program, "serve", "--addr", r.address)
	r.process.Env = []string{
		"HOME=" + home, "ONETOUCH_DB=" + database, "ONETOUCH_API_KEY=" + apiKey, "ONETOUCH_CALLBACK_URL=" + callbackURL,
	}
	log, err := os.Create(filepath.Join(home, "log"))
	if err != nil {
		t.Fatal(err)
	}
	r.process.Stdout, r.process.Stderr = log, log
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(r.ended)
		_ = r.process.Wait()
		_ = log.Close()
	}()
	t.Cleanup(func() {
		_ = r.process.Process.Kill()
		<-r.ended
		if said, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("%s said:\n%s", r.address, said)
		}
	})
	return r
}

func (r *replica) awaitReady(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		answer, err := http.Get("http://" + r.address + "/readyz")
		if err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case <-r.ended:
			t.Fatalf("%s has ended", r.address)
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("%s is not ready", r.address)
}

// replicaStory is a backend with its phones, and the ledger of both.
type replicaStory struct {
	backend *authy.Client
	phones  []*replicaPhone
	arrived chan struct{}

	mu      sync.Mutex
	created []string            // acknowledged
	called  map[string][]string // the signatures of the callbacks of a request
	wrong   []string            // what was called back, and not approved
	retried int                 // calls that failed and were made again
}

type replicaPhone struct {
	authyID int64
	device  *device.Device
	pushes  chan string
}

func (s *replicaStory) hear(_ context.Context, c *callback.Callback) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.called[c.UUID] = append(s.called[c.UUID], c.Signature)
	if c.Status != "approved" {
		s.wrong = append(s.wrong, c.UUID+" is "+string(c.Status))
	}
	select {
	case s.arrived <- struct{}{}:
	default:
	}
	return nil
}

func (s *replicaStory) addPhones(ctx context.Context, t *testing.T, f *fleet, number int) {
	t.Helper()
	for i := range number {
		id, err := s.backend.CreateUser(ctx, authy.NewUser{Email: "a@b.co", Cellphone: fmt.Sprintf("202-555-%04d", i)})
		if err != nil {
			t.Fatal(err)
		}
		token, err := s.backend.StartRegistration(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		p := &replicaPhone{authyID: id, pushes: make(chan string, 100)}
		p.device, err = device.Register(ctx, device.Registration{Server: fleetURL, HTTPClient: f.client, Token: token})
		if err != nil {
			t.Fatal(err)
		}
		s.phones = append(s.phones, p)
		ended := make(chan struct{})
		listening, stop := context.WithCancel(ctx)
		go func() {
			defer close(ended)
			_ = p.device.Pushes(listening, func(ctx context.Context, push device.Push) error {
				select {
				case p.pushes <- push.ApprovalRequestUUID:
				case <-ctx.Done():
				}
				return nil
			})
		}()
		t.Cleanup(func() { stop(); <-ended })
	}
}

// again makes a call until it succeeds: its server, or the database, may be gone.
func (s *replicaStory) again(ctx context.Context, call func() error) error {
	for {
		err := call()
		if err == nil || ctx.Err() != nil {
			return err
		}
		s.mu.Lock()
		s.retried++
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// flow asks, and approves whatever comes until it is what was asked: a call that was not acknowledged may have asked too.
func (s *replicaStory) flow(ctx context.Context, t *testing.T, p *replicaPhone) {
	var uuid string
	err := s.again(ctx, func() (err error) {
		uuid, err = s.backend.CreateApprovalRequest(ctx, p.authyID, authy.NewApprovalRequest{
			Message: "Send $12,400 to ACME?", Details: details.List{{Name: "Amount", Value: "$12,400"}},
		})
		return err
	})
	if err != nil {
		t.Errorf("asking: %v", err)
		return
	}
	s.mu.Lock()
	s.created = append(s.created, uuid)
	s.mu.Unlock()
	for pushed := ""; pushed != uuid; {
		select {
		case pushed = <-p.pushes:
		case <-ctx.Done():
			t.Errorf("request %s is not pushed", uuid)
			return
		}
		if err := s.again(ctx, func() error { return p.approve(ctx, pushed) }); err != nil {
			t.Errorf("approving %s: %v", pushed, err)
		}
	}
}

func (p *replicaPhone) approve(ctx context.Context, uuid string) error {
	request, err := p.device.ApprovalRequest(ctx, uuid)
	if err != nil || request.Status != "pending" {
		return err
	}
	err = p.device.Approve(ctx, request)
	if errors.Is(err, device.ErrNotPending) {
		return nil // a call before, whose acknowledgement was lost
	}
	return err
}

// await waits until every acknowledged request was called back.
func (s *replicaStory) await(ctx context.Context) {
	for s.missing() > 0 {
		select {
		case <-s.arrived:
		case <-ctx.Done():
			return
		}
	}
}

func (s *replicaStory) missing() (missing int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, uuid := range s.created {
		if len(s.called[uuid]) == 0 {
			missing++
		}
	}
	return missing
}

func (s *replicaStory) judge(t *testing.T, flows int, took time.Duration) {
	t.Helper()
	lost := s.missing()
	s.mu.Lock()
	defer s.mu.Unlock()
	doubled, same := 0, 0
	for uuid, signatures := range s.called {
		for _, signature := range signatures[1:] {
			if signature == signatures[0] {
				same++ // its sender was killed between the answer and the writing of it
			} else {
				doubled++
				t.Errorf("%s was called back %d times", uuid, len(signatures))
			}
		}
	}
	t.Logf("%d flows of %d devices in %s (%.0f/s): %d acknowledged, %d lost, %d doubled, %d sent again as they were, %d calls retried",
		flows, len(s.phones), took.Round(time.Millisecond), float64(flows)/took.Seconds(), len(s.created), lost, doubled, same,
		s.retried)
	if lost > 0 || len(s.created) != flows || len(s.wrong) > 0 {
		t.Errorf("%d of %d acknowledged requests have no callback; wrong: %v", lost, flows, s.wrong)
	}
}
