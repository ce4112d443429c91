package delivery_test

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/pkg/callback"
)

// killsVariable has the settings of the process that is killed, in JSON. How many requests there are for each receiver
// ONETOUCH_TEST_CROWD_ASKS says: 5000 are 100,000 callbacks.
const killsVariable = "ONETOUCH_TEST_KILLS"

// killed is what the process is told that is killed: in its database are applications, each with a receiver of its own and a
// user whom it asks.
type killed struct {
	Database string
	Asks     int // of each application
}

// backend is the receiver of one application, as pkg/callback makes one.
type backend struct {
	app     onetouch.Application
	sick    string // "slow", "dead"; "": healthy
	mu      sync.Mutex
	came    int            // requests
	handled map[string]int // how often the callback of each request was handled
	refused []string       // what else was answered than 200
}

// handler counts what comes, and what of it is handled.
func (b *backend) handler(apiKey string, handled chan<- struct{}) http.Handler {
	verifier := &callback.Verifier{APIKey: apiKey, Method: http.MethodPost, Logger: slog.New(slog.DiscardHandler)}
	handler := callback.Handler(verifier, func(_ context.Context, c *callback.Callback) error {
		if b.sick == "slow" {
			<-time.After(20 * time.Millisecond) // it ends what it has begun, whoever has gone away
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.handled[c.UUID]++
		handled <- struct{}{}
		return nil
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		b.mu.Lock()
		b.came++
		if answer.Code != http.StatusOK {
			b.refused = append(b.refused, answer.Result().Status)
		}
		b.mu.Unlock()
		w.WriteHeader(answer.Code)
	})
}

// backends makes applications with their receivers. Dead ones refuse connections.
func backends(t *testing.T, database string, handled chan<- struct{}) (all []*backend) {
	t.Helper()
	db := must(store.Open(t.Context(), database))(t)
	defer func() { _ = db.Close() }()
	service := onetouch.NewService(db, onetouch.Options{})
	for i := range healthyReceivers + slowReceivers + deadReceivers {
		b := &backend{handled: map[string]int{}}
		key := "key-" + strconv.Itoa(i)
		receiver := httptest.NewServer(b.handler(key, handled))
		t.Cleanup(receiver.Close)
		url, retries, timeout := receiver.URL, "1s,1s", "1m"
		switch {
		case i >= healthyReceivers+slowReceivers:
			b.sick, url = "dead", deadURL(i-healthyReceivers-slowReceivers)
		case i >= healthyReceivers:
			b.sick = "slow"
		}
		b.app = must(service.CreateApplication(t.Context(), onetouch.ApplicationSettings{
			Name: "Application " + strconv.Itoa(i), APIKey: key, CallbackURL: &url, CallbackMethod: http.MethodPost,
			DeliverySettings: onetouch.DeliverySettings{DeliveryRetries: &retries, DeliveryTimeout: &timeout},
		}))(t)
		must(service.AddUser(t.Context(), b.app.ID, onetouch.NewUser{
			Email: "ada@example.com", Cellphone: strconv.Itoa(2025550100 + i),
		}))(t)
		all = append(all, b)
	}
	return all
}

// TestKilledProcess is the process that is killed: it asks and approves until there are enough requests, and ends when no
// callback is owed.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	text := os.Getenv(killsVariable)
	if text == "" {
		return // it is a test by name only
	}
	var k killed
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		t.Fatal(err)
	}
	db := must(store.Open(t.Context(), k.Database))(t)
	defer func() { _ = db.Close() }()
	w := &world{store: db, service: onetouch.NewService(db, onetouch.Options{Clock: onetouch.SystemClock{}})}
	stop := w.run(t, delivery.Options{})
	defer stop()
	var asking sync.WaitGroup
	for _, app := range must(w.service.Applications(t.Context()))(t) {
		asking.Go(func() {
			if err := k.ask(t.Context(), w.service, app); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	for {
		changed := w.service.Changed(onetouch.TopicDeliveries)
		due, later, err := w.service.OwedDeliveries(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		if due+later == 0 {
			return
		}
		<-changed
	}
}

// ask makes the requests of an application that are still to be made, and approves them; and one that was not answered when
// the process before was killed.
func (k killed) ask(ctx context.Context, service *onetouch.Service, app onetouch.Application) error {
	users, err := service.Users(ctx, onetouch.UserFilter{AppID: app.ID})
	if err != nil {
		return err
	}
	phone, err := phonetest.RegisterFor(ctx, service, users[0], func(n *onetouch.NewDevice) {
		n.Push = onetouch.PushTarget{Type: onetouch.PushNone}
	})
	if err != nil {
		return err
	}
	requests, err := service.ApprovalRequests(ctx, onetouch.ApprovalRequestFilter{AppID: app.ID})
	if err != nil {
		return err
	}
	for _, r := range requests {
		if r.Status == onetouch.StatusPending {
			_, wrong := phone.Answer(ctx, service, r, onetouch.StatusApproved, "")
			err = cmp.Or(err, wrong)
		}
	}
	for asked := len(requests); asked < k.Asks && err == nil; asked++ {
		var r onetouch.ApprovalRequest
		r, err = service.CreateApprovalRequest(ctx, app, users[0].AuthyID, onetouch.NewApprovalRequest{Message: "Pay?"})
		if err == nil {
			_, err = phone.Answer(ctx, service, r, onetouch.StatusApproved, "")
		}
	}
	return err
}

// Killed twice, every callback ends: at healthy and slow receivers sent, at dead ones given up; none is lost. Those that were
// in flight come twice, but each is handled once by receivers that are made with pkg/callback.
func TestCrowdSurvivesKills(t *testing.T) {
	t.Parallel()
	asks := 15
	if text := os.Getenv(asksVariable); text != "" {
		asks = must(strconv.Atoi(text))(t)
	}
	k := killed{Database: filepath.Join(t.TempDir(), "server.db"), Asks: asks}
	alive := healthyReceivers + slowReceivers
	handled := make(chan struct{}, 2*alive*asks)
	all := backends(t, k.Database, handled)
	started := time.Now()
	for range 2 {
		process, ended := startOther(t, "TestKilledProcess", killsVariable, k)
		for range alive * asks / 3 {
			select {
			case <-handled:
			case err := <-ended:
				t.Fatalf("the other process has ended: %v", err)
			}
		}
		if err := process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; err == nil {
			t.Fatal("it ended by itself")
		}
	}
	_, ended := startOther(t, "TestKilledProcess", killsVariable, k)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	t.Logf("%d callbacks to %d receivers in %s", asks*len(all), len(all), time.Since(started).Round(time.Millisecond))
	checkBackends(t, k, all)
}

// checkBackends looks at every callback, in the store and at its receiver.
func checkBackends(t *testing.T, k killed, all []*backend) {
	t.Helper()
	db := must(store.Open(context.Background(), k.Database))(t)
	defer func() { _ = db.Close() }()
	service := onetouch.NewService(db, onetouch.Options{})
	doubled, ended := 0, map[onetouch.DeliveryState]int{}
	for _, b := range all {
		records := must(service.Deliveries(context.Background(), onetouch.DeliveryFilter{
			AppID: b.app.ID, Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback},
		}))(t)
		b.mu.Lock() // all has ended; this is for the race detector
		if len(records) != k.Asks {
			t.Errorf("%s has %d callbacks, want %d", b.app.Name, len(records), k.Asks)
		}
		for _, d := range records {
			ended[d.State]++
			switch times := b.handled[d.RequestUUID]; {
			case b.sick != "dead" && d.State == onetouch.DeliverySent && times == 1:
			case b.sick == "dead" && d.State == onetouch.DeliveryFailed && times == 0 && d.Attempts == 3 &&
				strings.HasPrefix(d.LastError, "connection refused"):
			default:
				t.Errorf("%s %s: handled %d times: %+v", b.sick, b.app.Name, times, d)
			}
		}
		doubled += b.came - len(b.handled)
		if len(b.refused) > 0 {
			t.Errorf("%s refused %d: %s", b.app.Name, len(b.refused), b.refused[0])
		}
		b.mu.Unlock()
	}
	t.Logf("ended: %v; handled once each, sent twice: %d", ended, doubled)
}
