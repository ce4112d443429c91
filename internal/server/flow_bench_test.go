package server_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/callback"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// BenchmarkApprovalFlow runs the whole story over loopback on a database file: create, push received, fetch, signed
// approval, callback received and verified, status read. Beside it, in the same run and by turns, stands the floor: the
// same number of bare net/http exchanges (the push, an event on an open stream, is counted as none) plus one P-256
// signature made and verified. The metric of-floor is the floor's time through the flow's: 1 would be free.
//
// The floor keeps nothing, and no server that keeps what it acknowledges can be that fast. So a second one writes three of its
// exchanges to a file of SQLite as well: what was asked, what was answered, that the callback was taken. Its metric is of-kept.
func BenchmarkApprovalFlow(b *testing.B) {
	for _, users := range []int{1, 8} {
		b.Run(fmt.Sprintf("users=%d", users), func(b *testing.B) { benchmarkFlow(b, users) })
	}
}

const exchangesOfFlow = 5 // create, fetch, answer, callback, status

func benchmarkFlow(b *testing.B, users int) {
	story := newFlowStory(b, users)
	kept, bare := newFloor(b, openLog(b)), newFloor(b, nil)
	var flow, atKept, atFloor time.Duration
	for b.Loop() {
		flow += inParallel(users, func(i int) { story.phones[i].flow(b) })
		atKept += inParallel(users, func(int) { kept.flow(b) })
		atFloor += inParallel(users, func(int) { bare.flow(b) })
	}
	n := float64(b.N * users)
	b.ReportMetric(float64(flow.Microseconds())/n, "µs/flow")
	b.ReportMetric(float64(atKept.Microseconds())/n, "µs/kept")
	b.ReportMetric(float64(atFloor.Microseconds())/n, "µs/floor")
	b.ReportMetric(atKept.Seconds()/flow.Seconds(), "of-kept")
	b.ReportMetric(atFloor.Seconds()/flow.Seconds(), "of-floor")
}

// inParallel runs a few flows for each of n users, so that starting goroutines does not count.
func inParallel(n int, work func(i int)) time.Duration {
	const flowsEach = 20
	started := time.Now()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			for range flowsEach {
				work(i)
			}
		})
	}
	all.Wait()
	return time.Since(started) / flowsEach
}

// flowStory is a server with its callback receiver and one phone for each user.
type flowStory struct {
	phones   []*flowPhone
	mu       sync.Mutex
	awaiting map[string]chan struct{} // by UUID
}

type flowPhone struct {
	story   *flowStory
	backend *authy.Client
	authyID int64
	device  *device.Device
	pushes  chan string
}

func newFlowStory(b *testing.B, users int) *flowStory {
	b.Helper()
	const apiKey = "the-API-key"
	story := &flowStory{awaiting: map[string]chan struct{}{}}
	receiver := httptest.NewServer(callback.Handler(&callback.Verifier{APIKey: apiKey},
		func(_ context.Context, c *callback.Callback) error {
			close(story.callbackOf(c.UUID))
			return nil
		}))
	b.Cleanup(receiver.Close)
	base := serveFile(b, onetouch.ApplicationSettings{APIKey: apiKey, CallbackURL: &receiver.URL})
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * users}
	b.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	backend := authy.New(apiKey, authy.WithBaseURL(base), authy.WithHTTPClient(client))
	for i := range users {
		story.phones = append(story.phones, newFlowPhone(b, story, backend, client, base, i))
	}
	return story
}

// serveFile runs a server on a new database file until the benchmark ends.
func serveFile(b *testing.B, settings onetouch.ApplicationSettings) (base string) {
	b.Helper()
	s, err := server.Open(b.Context(), server.Options{
		Database: filepath.Join(b.TempDir(), "server.db"), Application: settings, ControlToken: "control", Version: "test",
	})
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, listener) }()
	b.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			b.Error(err)
		}
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

func newFlowPhone(
	b *testing.B, story *flowStory, backend *authy.Client, client *http.Client, base string, number int,
) *flowPhone {
	b.Helper()
	ctx := b.Context()
	id, err := backend.CreateUser(ctx, authy.NewUser{Email: "a@b.co", Cellphone: fmt.Sprintf("202-555-%04d", number)})
	if err != nil {
		b.Fatal(err)
	}
	token, err := backend.StartRegistration(ctx, id)
	if err != nil {
		b.Fatal(err)
	}
	phone := &flowPhone{story: story, backend: backend, authyID: id, pushes: make(chan string, 1)}
	phone.device, err = device.Register(ctx, device.Registration{Server: base, HTTPClient: client, Token: token})
	if err != nil {
		b.Fatal(err)
	}
	listening, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = phone.device.Pushes(listening, func(_ context.Context, p device.Push) error {
			phone.pushes <- p.ApprovalRequestUUID
			return nil
		})
	}()
	b.Cleanup(func() {
		stop()
		<-ended
	})
	return phone
}

// callbackOf is closed when the callback of the request has come, whoever asks first.
func (s *flowStory) callbackOf(uuid string) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.awaiting[uuid] == nil {
		s.awaiting[uuid] = make(chan struct{})
	}
	return s.awaiting[uuid]
}

func (p *flowPhone) flow(b *testing.B) {
	ctx := b.Context()
	uuid, err := p.backend.CreateApprovalRequest(ctx, p.authyID, authy.NewApprovalRequest{
		Message: "Send $12,400 to ACME?",
		Details: details.List{{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}},
	})
	if err != nil {
		b.Error(err)
		return
	}
	if pushed := <-p.pushes; pushed != uuid {
		b.Errorf("pushed %s, want %s", pushed, uuid)
	}
	request, err := p.device.ApprovalRequest(ctx, uuid)
	if err == nil {
		err = p.device.Approve(ctx, request)
	}
	if err != nil {
		b.Error(err)
		return
	}
	<-p.story.callbackOf(uuid)
	status, err := p.backend.ApprovalRequest(ctx, uuid)
	if err != nil || status.Status != "approved" {
		b.Errorf("status %q, error %v", status.Status, err)
	}
}

// floor exchanges the same amount of text over net/http, with nothing of ours around it.
type floor struct {
	url, keep string // where to post, and where what is posted is kept
	client    *http.Client
	key       *ecdsa.PrivateKey
	body      []byte
}

// newFloor keeps what is posted in a log; nil keeps nothing.
func newFloor(b *testing.B, log *rowLog) *floor {
	b.Helper()
	const size = 600 // bytes, about the mean of the flow's bodies
	answer := bytes.Repeat([]byte("x"), size)
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err == nil && r.URL.Path == "/keep" && log != nil {
			err = log.write(text)
		}
		if err != nil {
			b.Error(err)
		}
		_, _ = w.Write(answer)
	}))
	b.Cleanup(served.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	b.Cleanup(transport.CloseIdleConnections)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	return &floor{
		url: served.URL, keep: served.URL + "/keep", client: &http.Client{Transport: transport}, key: key, body: answer,
	}
}

// exchange is one call and its answer.
func (f *floor) exchange(b *testing.B, url string) {
	answer, err := f.client.Post(url, "application/json", bytes.NewReader(f.body))
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
}

const keptOfFlow = 3 // of its exchanges: asked, answered, callback taken

func (f *floor) flow(b *testing.B) {
	for i := range exchangesOfFlow {
		url := f.url
		if i < keptOfFlow {
			url = f.keep
		}
		f.exchange(b, url)
	}
	digest := sha256.Sum256(f.body)
	signature, err := ecdsa.SignASN1(rand.Reader, f.key, digest[:])
	if err != nil || !ecdsa.VerifyASN1(&f.key.PublicKey, digest[:], signature) {
		b.Error("signature does not hold")
	}
}

// rowLog is a table of one column in a file of SQLite, as durable as the server's own. Whoever writes at the same time shares
// a commit.
type rowLog struct {
	mu      sync.Mutex
	waiting []row
	writing sync.Mutex
	insert  func(rows []row) error
}

type row struct {
	text []byte
	done chan error
}

func openLog(b *testing.B) *rowLog {
	b.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "floor.db")+
		"?_pragma=page_size(2048)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=wal_autocheckpoint(4000)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	if _, err := db.Exec("CREATE TABLE log (id INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT"); err != nil {
		b.Fatal(err)
	}
	insert, err := db.Prepare("INSERT INTO log (text) VALUES (?)")
	if err != nil {
		b.Fatal(err)
	}
	return &rowLog{insert: func(rows []row) error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }()
		for _, r := range rows {
			if _, err := tx.Stmt(insert).Exec(r.text); err != nil {
				return err
			}
		}
		return tx.Commit()
	}}
}

// write returns once the text is committed: by the one who comes to write next, for all who wait by then.
func (l *rowLog) write(text []byte) error {
	mine := row{text, make(chan error, 1)}
	l.mu.Lock()
	l.waiting = append(l.waiting, mine)
	l.mu.Unlock()
	l.writing.Lock()
	l.mu.Lock()
	rows := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	if len(rows) > 0 {
		err := l.insert(rows)
		for _, r := range rows {
			r.done <- err
		}
	}
	l.writing.Unlock()
	return <-mine.done
}

// BenchmarkCreate has backends ask for approvals over loopback, each stored on disk, for a user whose phone does not listen.
// Beside it stands the floor, as many bare net/http exchanges, and as many of which each is a row of a file (of-kept).
func BenchmarkCreate(b *testing.B) {
	for _, backends := range []int{8, 32} {
		b.Run(fmt.Sprintf("backends=%d", backends), func(b *testing.B) { benchmarkCreate(b, backends) })
	}
}

func benchmarkCreate(b *testing.B, backends int) {
	base := serveFile(b, onetouch.ApplicationSettings{APIKey: "the-API-key"})
	transport := &http.Transport{MaxIdleConnsPerHost: backends}
	b.Cleanup(transport.CloseIdleConnections)
	backend := authy.New("the-API-key", authy.WithBaseURL(base), authy.WithHTTPClient(&http.Client{Transport: transport}))
	id, err := backend.CreateUser(b.Context(), authy.NewUser{Email: "a@b.co", Cellphone: "202-555-0158"})
	if err != nil {
		b.Fatal(err)
	}
	question := authy.NewApprovalRequest{
		Message: "Send $12,400 to ACME?",
		Details: details.List{{Name: "Amount", Value: "$12,400"}, {Name: "To", Value: "ACME"}},
	}
	kept, bare := newFloor(b, openLog(b)), newFloor(b, nil)
	var created, atKept, atFloor time.Duration
	for b.Loop() {
		created += inParallel(backends, func(int) {
			if _, err := backend.CreateApprovalRequest(b.Context(), id, question); err != nil {
				b.Error(err)
			}
		})
		atKept += inParallel(backends, func(int) { kept.exchange(b, kept.keep) })
		atFloor += inParallel(backends, func(int) { bare.exchange(b, bare.url) })
	}
	n := float64(b.N * backends)
	b.ReportMetric(n/created.Seconds(), "created/s")
	b.ReportMetric(n/atKept.Seconds(), "kept/s")
	b.ReportMetric(n/atFloor.Seconds(), "exchanges/s")
	b.ReportMetric(atKept.Seconds()/created.Seconds(), "of-kept")
	b.ReportMetric(atFloor.Seconds()/created.Seconds(), "of-floor")
	b.ReportMetric(0, "ns/op")
}
