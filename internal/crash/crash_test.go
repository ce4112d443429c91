package crash_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
	_ "modernc.org/sqlite"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Variables say how many rounds there are, and repeat what was random in them.
const (
	roundsVariable = "ONETOUCH_TEST_CRASH_ROUNDS"
	seedVariable   = "ONETOUCH_TEST_CRASH_SEED"
)

// world is what outlives the servers.
type world struct {
	program  string
	home     string
	database string // as --db has it
	file     string // of SQLite; "": another engine
	ledger   *ledger
	receiver *receiver
	random   *rand.Rand
	ids      [users]int64
	phones   [users][2]device.Credentials
	uuids    map[int64]string // of phones, by their ID
}

// TestKilledServers kills servers under load, and looks after each kill whether the next one knows what was acknowledged.
func TestKilledServers(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	w := newWorld(t, home, filepath.Join(home, "server.db"))
	w.file = w.database
	w.settle(t)
	for i := range number(t, roundsVariable, 5) {
		w.killUnderLoad(t, i)
		if t.Failed() {
			break
		}
	}
	w.finish(t)
	w.checkFile(t)
}

// TestLossIsFound: with the file of before in place of what was written, much is found lost.
func TestLossIsFound(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	w := newWorld(t, home, filepath.Join(home, "server.db"))
	w.settle(t)
	before := must(os.ReadFile(w.database))(t)
	l := w.begin(t, 0)
	kill := l.run(t.Context(), 1)
	for told := 0; told == 0; {
		<-time.After(time.Millisecond)
		w.ledger.with(func() { told = w.ledger.tally.told })
	}
	kill()
	check(t, os.Remove(w.database+"-wal"))
	check(t, os.Remove(w.database+"-shm"))
	check(t, os.WriteFile(w.database, before, 0o600))
	lost := w.ledger.wrong(w.stored(t))
	if len(lost) < w.ledger.tally.told {
		t.Errorf("%d requests were acknowledged and are gone, found %q", w.ledger.tally.told, lost)
	}
}

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	return must(strconv.Atoi(text))(t)
}

func newWorld(t *testing.T, home, database string) *world {
	t.Helper()
	seed := uint64(number(t, seedVariable, int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%s=%d", seedVariable, seed)
	w := &world{
		program: testneeds.Built(t, "./cmd/onetouch"), home: home, database: database, ledger: newLedger(),
		random: rand.New(rand.NewPCG(seed, 0)), uuids: map[int64]string{},
	}
	w.receiver = newReceiver(t, w.ledger)
	return w
}

func (w *world) serve(t *testing.T) *process {
	t.Helper()
	return serve(t, w.program, w.home, w.database, w.receiver.url)
}

// settle adds the users and phones, and ends the server as it should be ended.
func (w *world) settle(t *testing.T) {
	t.Helper()
	p := w.serve(t)
	for i := range w.ids {
		w.ids[i] = must(p.backend.CreateUser(t.Context(), authy.NewUser{Email: "ada@example.com", Cellphone: phoneNumber(i)}))(t)
		for j := range w.phones[i] {
			token := must(p.backend.StartRegistration(t.Context(), w.ids[i]))(t)
			phone := must(device.Register(t.Context(), device.Registration{
				Server: p.base, HTTPClient: p.client, Token: token,
			}))(t)
			w.phones[i][j] = phone.Credentials()
			w.uuids[phone.ID()] = phone.UUID()
		}
	}
	p.signal(syscall.SIGTERM)
}

// begin starts a server with its load, which does not run yet.
func (w *world) begin(t *testing.T, round int) *load {
	t.Helper()
	l := &load{process: w.serve(t), ledger: w.ledger, round: round, ids: w.ids, uuids: w.uuids}
	l.fail = func(format string, args ...any) { t.Errorf("round %d: "+format, append([]any{round}, args...)...) }
	for i, phones := range w.phones {
		for j, credentials := range phones {
			l.phones[i][j] = must(device.Open(credentials, l.base, l.client))(t)
		}
	}
	return l
}

// killUnderLoad is one round. The next server, which looks after what is there, is killed in the same way.
func (w *world) killUnderLoad(t *testing.T, round int) {
	t.Helper()
	l := w.begin(t, round)
	w.checkRound(t, l)
	kill := l.run(t.Context(), w.random.Uint64())
	inCheckpoint := w.await(t)
	kill()
	w.keep(l)
	w.ledger.with(func() {
		if inCheckpoint {
			w.ledger.tally.midCheckpoint++
		}
		if w.file != "" && endsWithin(w.file+"-wal") {
			w.ledger.tally.midChange++
		}
	})
}

// keep has what the phones have heard survive the process.
func (w *world) keep(l *load) {
	w.ledger.tally.rounds++
	for i := range l.phones {
		for j, phone := range l.phones[i] {
			w.phones[i][j] = phone.Credentials()
		}
	}
}

// await returns at the moment of the kill: in a third of the rounds some time after the load has begun, in a third with some
// write of a change, in a third when a checkpoint begins, which moves changes into the database itself.
func (w *world) await(t *testing.T) (inCheckpoint bool) {
	t.Helper()
	after := time.After(time.Duration(50+w.random.IntN(250)) * time.Millisecond)
	watched, left := "", 0
	switch w.random.IntN(3) {
	case 0:
		watched, left = w.file+"-wal", 1+w.random.IntN(300)
	case 1:
		watched, left = w.file, 1
	}
	if watched == "" || w.file == "" {
		<-after
		return false
	}
	watcher := must(fsnotify.NewWatcher())(t)
	defer func() { _ = watcher.Close() }()
	check(t, watcher.Add(filepath.Dir(w.file)))
	for latest := time.After(time.Second); ; {
		select {
		case <-latest:
			return false
		case e := <-watcher.Events:
			if e.Name == watched && e.Has(fsnotify.Write) {
				left--
			}
			if left == 0 {
				return watched == w.file
			}
		}
	}
}

// checkRound asks a server for all that the round before was about: every API family says the same, and nothing else than what
// was acknowledged.
func (w *world) checkRound(t *testing.T, l *load) {
	t.Helper()
	uuids := make(chan string)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for uuid := range uuids {
				w.checkRequest(t, l, uuid)
			}
		})
	}
	for _, uuid := range w.ledger.takeTouched() {
		uuids <- uuid
	}
	close(uuids)
	all.Wait()
	w.checkAccounts(t, l)
}

// checkRequest looks at one request. Its time may be over between two looks.
func (w *world) checkRequest(t *testing.T, l *load, uuid string) {
	t.Helper()
	found, err := l.backend.ApprovalRequest(t.Context(), uuid)
	if err != nil {
		t.Errorf("%s is lost: %v", uuid, err)
		return
	}
	asked := l.sightOf(found)
	var wrong []string
	w.ledger.with(func() { wrong = w.ledger.requests[uuid].wrong(asked) })
	for _, text := range wrong {
		t.Errorf("%s %s", uuid, text)
	}
	for i := range l.ids {
		if l.ids[i] != found.AuthyID {
			continue
		}
		seen, err := l.phones[i][0].ApprovalRequest(t.Context(), uuid)
		if err != nil {
			t.Errorf("%s: %v", uuid, err)
			return
		}
		if got := (sight{seen.Status, seen.DeviceUUID}); !asked.leadsTo(got) {
			t.Errorf("%s: the device API says %v, the Authy API %v", uuid, got, asked)
		}
	}
	operated, err := l.control.ApprovalRequest(t.Context(), uuid)
	if err != nil {
		t.Errorf("%s: %v", uuid, err)
		return
	}
	got := sight{status: operated.Status}
	if operated.DeviceID != nil {
		got.device = l.uuids[*operated.DeviceID]
	}
	if !asked.leadsTo(got) {
		t.Errorf("%s: the control API says %v, the Authy API %v", uuid, got, asked)
	}
}

// leadsTo reports whether a request that nobody answers any more can be seen so after that.
func (s sight) leadsTo(next sight) bool {
	return next == s || s.status == approval.Pending && next.status == approval.Expired
}

// checkAccounts asks for users and phones, and forgets them.
func (w *world) checkAccounts(t *testing.T, l *load) {
	t.Helper()
	for id, account := range w.ledger.users {
		_, err := l.backend.UserStatus(t.Context(), id)
		account.check(t, fmt.Sprintf("user %d", id), err == nil)
	}
	for key, account := range w.ledger.phones {
		for _, credentials := range w.phones[0][:1] {
			credentials.AccessToken = key
			registered, err := must(device.Open(credentials, l.base, l.client))(t).Registered(t.Context())
			check(t, err)
			account.check(t, "a phone", registered)
		}
	}
	clear(w.ledger.users)
	clear(w.ledger.phones)
}

func (a account) check(t *testing.T, who string, there bool) {
	t.Helper()
	if !a.removing && a.removed == there {
		t.Errorf("%s is there: %t, although its removal was acknowledged: %t", who, there, a.removed)
	}
}

// finish lets a last server send all that is owed and expire what can, and compares all that is stored with the ledger.
func (w *world) finish(t *testing.T) {
	t.Helper()
	w.receiver.healed.Store(true)
	l := w.begin(t, -1)
	w.checkRound(t, l)
	w.awaitRest(t, l)
	l.signal(syscall.SIGTERM)
	for _, wrong := range w.ledger.wrong(w.stored(t)) {
		t.Error(wrong)
	}
	w.checkEvents(t)
	copies := int(w.receiver.came.Load()-w.receiver.failed.Load()) - w.ledger.tally.callbacks
	w.ledger.tally.copies = copies
	t.Logf("%+v", w.ledger.tally)
}

// awaitRest waits until nothing is owed, and nothing expires soon.
func (w *world) awaitRest(t *testing.T, l *load) {
	t.Helper()
	db := must(store.Open(t.Context(), w.database))(t)
	defer func() { _ = db.Close() }()
	service := onetouch.NewService(db, onetouch.Options{})
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(5 * patience); ; <-look.C {
		due, later, err := service.OwedDeliveries(t.Context(), 0)
		check(t, err)
		var next time.Time
		check(t, db.View(t.Context(), func(r onetouch.Reader) (err error) {
			next, err = r.NextExpiry()
			return err
		}))
		if due+later == 0 && (next.IsZero() || time.Until(next) > time.Hour) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d deliveries are due, %d are owed later, %s expires next: %s", due, later, next, l.log)
		}
	}
}

// stored reads all that the database holds.
func (w *world) stored(t *testing.T) (all []stored) {
	t.Helper()
	db := must(store.Open(t.Context(), w.database))(t)
	defer func() { _ = db.Close() }()
	counts := map[string]*stored{}
	check(t, db.View(t.Context(), func(r onetouch.Reader) error {
		requests, err := r.ApprovalRequests(onetouch.ApprovalRequestFilter{Now: time.Now()})
		check(t, err)
		all = make([]stored, len(requests))
		for i, q := range requests {
			all[i] = stored{uuid: q.UUID, message: q.Message, sight: sight{q.Status, w.uuids[q.Answer.DeviceID]}}
			counts[q.UUID] = &all[i]
		}
		deliveries, err := r.Deliveries(onetouch.DeliveryFilter{Kinds: []onetouch.DeliveryKind{onetouch.DeliveryCallback}})
		check(t, err)
		for _, d := range deliveries {
			counts[d.RequestUUID].callbacks++
			if d.State == onetouch.DeliverySent {
				counts[d.RequestUUID].sent++
			}
		}
		events, err := r.Events(onetouch.EventFilter{})
		for _, e := range events {
			if e.RequestUUID != "" {
				counts[e.RequestUUID].count(e.Type)
			}
		}
		return err
	}))
	return all
}

func (s *stored) count(e onetouch.EventType) {
	switch e {
	case onetouch.EventRequestCreated:
		s.created++
	case onetouch.EventRequestResponded:
		s.responded++
	case onetouch.EventRequestExpired:
		s.expired++
	}
}

// checkEvents looks for every event that was heard.
func (w *world) checkEvents(t *testing.T) {
	t.Helper()
	db := must(store.Open(t.Context(), w.database))(t)
	defer func() { _ = db.Close() }()
	there := map[int64]onetouch.Event{}
	check(t, db.View(t.Context(), func(r onetouch.Reader) error {
		events, err := r.Events(onetouch.EventFilter{})
		for _, e := range events {
			there[e.Sequence] = e
		}
		return err
	}))
	for sequence, said := range w.ledger.events {
		e := there[sequence]
		if got := fmt.Sprint(e.Type, e.AuthyID, e.DeviceID, e.RequestUUID, e.DeliveryID, e.Note); got != said {
			t.Errorf("event %d was heard as %q and is %q", sequence, said, got)
		}
	}
}

// checkFile has SQLite itself look for damage.
func (w *world) checkFile(t *testing.T) {
	t.Helper()
	raw := must(sql.Open("sqlite", w.file))(t)
	defer func() { _ = raw.Close() }()
	for statement, want := range map[string]string{
		"SELECT group_concat(integrity_check) FROM pragma_integrity_check": "ok",
		"SELECT CAST(COUNT(*) AS TEXT) FROM pragma_foreign_key_check":      "0",
	} {
		var got string
		if err := raw.QueryRowContext(t.Context(), statement).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", statement, got, err, want)
		}
	}
}
