package delivery_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
)

// The crowd: devices of two users, each pushed at a receiver of its own, so that each request owes one delivery to every
// receiver of its user: one has the healthy ones, the other the sick. Receivers are in this process; what asks and delivers
// is another process.
const (
	healthyReceivers = 10
	slowReceivers    = 5
	deadReceivers    = 5
	crowdVariable    = "ONETOUCH_TEST_CROWD"      // the settings of the other process, in JSON
	asksVariable     = "ONETOUCH_TEST_CROWD_ASKS" // how many requests; 5000 are 100,000 deliveries
)

// crowd is what the other process is told.
type crowd struct {
	Database string
	URLs     []string
	Asks     int
	Pace     time.Duration
}

// arrivals is what came to the receivers.
type arrivals struct {
	mu     sync.Mutex
	times  map[string]int // of each delivery: receiver and request
	delays []time.Duration
}

func (a *arrivals) come(receiver string, healthy bool, r *http.Request) {
	var push struct {
		Alert string
		UUID  string `json:"approval_request_uuid"`
	}
	now := time.Now()
	_ = json.NewDecoder(r.Body).Decode(&push)
	asked, _ := strconv.ParseInt(push.Alert, 10, 64)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times[receiver+" "+push.UUID]++
	if healthy {
		a.delays = append(a.delays, now.Sub(time.Unix(0, asked)))
	}
}

// receive starts the receivers. Slow ones take a while for each answer; dead ones refuse connections.
func (a *arrivals) receive(t *testing.T, healthy, slow, dead int, slowness time.Duration) (urls []string) {
	t.Helper()
	for i := range healthy + slow {
		name := strconv.Itoa(i)
		receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			a.come(name, i < healthy, r)
			if i >= healthy {
				select {
				case <-time.After(slowness):
				case <-r.Context().Done():
				}
			}
		}))
		t.Cleanup(receiver.Close)
		urls = append(urls, receiver.URL)
	}
	for i := range dead {
		urls = append(urls, deadURL(i))
	}
	return urls
}

// deadURL is a URL at which connections are refused: nobody listens on the first ports, while one that was let go somebody
// else may take.
func deadURL(i int) string { return "http://127.0.0.1:" + strconv.Itoa(1+i) }

// startOther runs a test of this package as another process, with its settings in a variable.
func startOther(t *testing.T, test, variable string, settings any) (process *os.Process, ended <-chan error) {
	t.Helper()
	command := exec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.timeout=1h")
	command.Env = append(os.Environ(), variable+"="+string(must(json.Marshal(settings))(t)))
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- command.Wait() }()
	t.Cleanup(func() { _ = command.Process.Kill() })
	return command.Process, done
}

// TestCrowdProcess is the other process: it asks until there are enough requests, and ends when nothing is owed.
func TestCrowdProcess(t *testing.T) {
	t.Parallel()
	text := os.Getenv(crowdVariable)
	if text == "" {
		return // it is a test by name only
	}
	var c crowd
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	db := must(store.Open(t.Context(), c.Database))(t)
	defer func() { _ = db.Close() }()
	w := c.world(t, db)
	stop := w.run(t, delivery.Options{})
	defer stop()
	asked := len(must(w.service.ApprovalRequests(t.Context(), onetouch.ApprovalRequestFilter{}))(t))
	users := must(w.service.Users(t.Context(), onetouch.UserFilter{}))(t)
	for ; asked < c.Asks*len(users); asked++ {
		<-time.After(c.Pace)
		user := users[asked%len(users)]
		must(w.service.CreateApprovalRequest(t.Context(), w.app, user.AuthyID, onetouch.NewApprovalRequest{
			Message: strconv.FormatInt(time.Now().UnixNano(), 10),
		}))(t)
	}
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

// world is the application with its users and devices, made in a new database.
func (c crowd) world(t *testing.T, db onetouch.Store) *world {
	t.Helper()
	retries, timeout := "1s,1s", "5s"
	w := &world{store: db, service: onetouch.NewService(db, onetouch.Options{Clock: onetouch.SystemClock{}})}
	w.app = must(w.service.EnsureApplication(t.Context(), onetouch.ApplicationSettings{
		DeliverySettings: onetouch.DeliverySettings{DeliveryRetries: &retries, DeliveryTimeout: &timeout},
	}))(t)
	if users := must(w.service.Users(t.Context(), onetouch.UserFilter{}))(t); len(users) > 0 {
		return w
	}
	for phone, urls := range map[string][]string{
		"2025550158": c.URLs[:healthyReceivers], "2025550159": c.URLs[healthyReceivers:],
	} {
		if len(urls) > 0 {
			w.user = must(w.service.AddUser(t.Context(), w.app.ID, onetouch.NewUser{
				Email: "ada@example.com", Cellphone: phone,
			}))(t)
			w.webhooks(t, urls...)
		}
	}
	return w
}

// checkCrowd looks at every delivery, in the store and at its receiver.
func checkCrowd(t *testing.T, c crowd, a *arrivals) {
	t.Helper()
	db := must(store.Open(context.Background(), c.Database))(t)
	defer func() { _ = db.Close() }()
	service := onetouch.NewService(db, onetouch.Options{})
	all, wrong, doubled, ended := 0, 0, 0, map[string]int{}
	for _, r := range must(service.ApprovalRequests(context.Background(), onetouch.ApprovalRequestFilter{}))(t) {
		records := must(service.Deliveries(context.Background(), onetouch.DeliveryFilter{RequestUUID: r.UUID}))(t)
		all += len(records)
		for _, d := range records {
			receiver := slices.Index(c.URLs, d.URL)
			alive := receiver < len(c.URLs)-deadReceivers || len(c.URLs) <= healthyReceivers
			came := a.times[strconv.Itoa(receiver)+" "+r.UUID]
			ended[string(d.State)]++
			switch {
			case alive && d.State == onetouch.DeliverySent && came > 0:
				doubled += came - 1
			case !alive && d.State == onetouch.DeliveryFailed && d.Attempts >= 3 && strings.HasPrefix(d.LastError, "connection refused"):
			default:
				wrong++
				t.Logf("%s came %d times: %+v", d.URL, came, d.Delivery)
			}
		}
	}
	if wrong > 0 || doubled > 0 || all != c.Asks*len(c.URLs) {
		t.Errorf("of %d deliveries %d went wrong, %d were doubled", all, wrong, doubled)
	}
	t.Logf("ended: %v", ended)
}

// Sick receivers change little for the others: the median of what their deliveries take, from the asking to the arrival, stays
// within twice that without sick ones. A machine that has other things to do only makes both longer.
func TestSickReceiversChangeLittle(t *testing.T) {
	t.Parallel()
	if os.Getenv(asksVariable) == "" {
		return // durations mean something on a machine with nothing else to do only; TestManyHangingReceivers… counts instead
	}
	delays := map[bool][]time.Duration{}
	for _, sick := range []bool{false, true, false, true} {
		delays[sick] = append(delays[sick], delaysOf(t, sick)...)
	}
	for _, sick := range []bool{false, true} {
		slices.Sort(delays[sick])
		n := len(delays[sick])
		t.Logf("sick receivers %t: median %s, 99 of 100 within %s, %d deliveries", sick, delays[sick][n/2], delays[sick][n*99/100], n)
	}
	without, with := delays[false][len(delays[false])/2], delays[true][len(delays[true])/2]
	if with > 2*without {
		t.Errorf("the median grew from %s to %s", without, with)
	}
}

// delaysOf runs a crowd and returns what deliveries to healthy receivers took.
func delaysOf(t *testing.T, sick bool) []time.Duration {
	t.Helper()
	a := &arrivals{times: map[string]int{}}
	slow, dead, pace := slowReceivers, deadReceivers, 25*time.Millisecond
	if !sick {
		slow, dead, pace = 0, 0, 2*pace // half as many users
	}
	c := crowd{
		Database: filepath.Join(t.TempDir(), "server.db"), Asks: 300, Pace: pace,
		URLs: a.receive(t, healthyReceivers, slow, dead, 300*time.Millisecond),
	}
	_, ended := startOther(t, "TestCrowdProcess", crowdVariable, c)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	checkCrowd(t, c, a)
	return a.delays
}
