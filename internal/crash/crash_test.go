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

	_ "modernc.org/sqlite"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
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
	w.await(t, l, plan{moment: inBurst, after: 10})
	kill()
	check(t, os.Remove(w.database+"-wal"))
	check(t, os.Remove(w.database+"-shm"))
	check(t, os.WriteFile(w.database, before, 0o600))
	found := w.ledger.wrong(w.stored(t))
	if found.count(lost) < w.ledger.tally.told {
		t.Errorf("%d requests were acknowledged and are gone, found %q", w.ledger.tally.told, found)
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
	return newWorldOf(t, testneeds.Built(t, "./cmd/onetouch"), home, database)
}

func newWorldOf(t *testing.T, program, home, database string) *world {
	t.Helper()
	seed := uint64(number(t, seedVariable, int(time.Now().UnixNano()&0xffffff)))
	t.Logf("%s=%d", seedVariable, seed)
	w := &world{
		program: program, home: home, database: database, ledger: newLedger(),
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
	l.fail = func(k kind, format string, args ...any) {
		w.found(t, faults{{k, fmt.Sprintf("round %d: "+format, append([]any{round}, args...)...)}})
	}
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
	w.awaitKill(t, l)
	kill()
	w.keep(l)
	if endsWithin(w.file + "-wal") {
		w.ledger.tally.midChange++
	}
}

// awaitKill plans the kill of a server, and returns when it is due.
func (w *world) awaitKill(t *testing.T, l *load) {
	t.Helper()
	p := newPlan(w.random, w.file != "")
	t.Logf("round %d: %s", l.round, p)
	w.await(t, l, p)
	w.ledger.with(func() {
		w.ledger.tally.kills[p.moment]++
		if w.ledger.tally.owed > 0 {
			w.ledger.tally.owing++
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

// found fails the test for what is wrong, and counts it.
func (w *world) found(t *testing.T, all faults) {
	t.Helper()
	for _, wrong := range all {
		w.ledger.with(func() { w.ledger.tally.wrong[wrong.kind]++ })
		t.Errorf("%s: %s", wrong.kind, wrong.text)
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
		w.found(t, faults{{lost, fmt.Sprintf("%s: %v", uuid, err)}})
		return
	}
	asked := l.sightOf(found)
	var wrong faults
	w.ledger.with(func() { wrong = w.ledger.requests[uuid].wrong(asked) })
	for i := range l.ids {
		if l.ids[i] != found.AuthyID {
			continue
		}
		seen, err := l.phones[i][0].ApprovalRequest(t.Context(), uuid)
		if err != nil {
			wrong.add(lost, "the device API says: %v", err)
		} else if got := (sight{seen.Status, seen.DeviceUUID}); !asked.leadsTo(got) {
			wrong.add(contradictory, "the device API says %v, the Authy API %v", got, asked)
		}
	}
	operated, err := l.control.ApprovalRequest(t.Context(), uuid)
	if err != nil {
		wrong.add(lost, "the control API says: %v", err)
	} else if got := l.operated(operated); !asked.leadsTo(got) {
		wrong.add(contradictory, "the control API says %v, the Authy API %v", got, asked)
	}
	w.found(t, wrong.about("%s ", uuid))
}

// operated is how the control API shows a request.
func (l *load) operated(r controlapi.ApprovalRequest) sight {
	s := sight{status: r.Status}
	if r.DeviceID != nil {
		s.device = l.uuids[*r.DeviceID]
	}
	return s
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
		w.found(t, account.wrong(fmt.Sprintf("user %d", id), err == nil))
	}
	for key, account := range w.ledger.phones {
		for _, credentials := range w.phones[0][:1] {
			credentials.AccessToken = key
			registered, err := must(device.Open(credentials, l.base, l.client))(t).Registered(t.Context())
			check(t, err)
			w.found(t, account.wrong("a phone", registered))
		}
	}
	clear(w.ledger.users)
	clear(w.ledger.phones)
}

// wrong says what contradicts that an account is there, or is not.
func (a account) wrong(who string, there bool) (all faults) {
	switch {
	case a.removing || a.removed != there:
	case there:
		all.add(contradictory, "%s is there, although its removal was acknowledged", who)
	default:
		all.add(lost, "%s is not there", who)
	}
	return all
}

// finish lets a last server send all that is owed and expire what can, and compares all that is stored with the ledger.
func (w *world) finish(t *testing.T) {
	t.Helper()
	w.receiver.healed.Store(true)
	l := w.begin(t, -1)
	w.checkRound(t, l)
	w.awaitRest(t, l)
	l.signal(syscall.SIGTERM)
	w.found(t, w.ledger.wrong(w.stored(t)))
	w.checkEvents(t)
	copies := int(w.receiver.came.Load()-w.receiver.failed.Load()) - w.ledger.tally.callbacks
	w.ledger.tally.copies = copies
	t.Log(w.ledger.tally)
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
		e, known := there[sequence]
		got := fmt.Sprint(e.Type, e.AuthyID, e.DeviceID, e.RequestUUID, e.DeliveryID, e.Note)
		switch {
		case !known:
			w.found(t, faults{{lost, fmt.Sprintf("event %d was heard as %q", sequence, said)}})
		case got != said:
			w.found(t, faults{{contradictory, fmt.Sprintf("event %d was heard as %q and is %q", sequence, said, got)}})
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
