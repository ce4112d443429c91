package crash_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/details"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Who is at work at the same time: for each user two phones that race, and backends that ask.
const (
	users    = 3
	backends = 4
)

// load is what goes on in one round, until the server dies.
type load struct {
	*process
	ledger *ledger
	round  int
	ids    [users]int64
	phones [users][2]*device.Device // at this process
	uuids  map[int64]string         // of phones, by their ID
	asked  [users]chan string       // UUIDs for the second phone of each user; the first hears of them by its stream
	dying  atomic.Bool              // from now on no answer means nothing
	fail   func(kind, string, ...any)
	away   bool         // the database may be away meanwhile: who is refused tries again
	asking atomic.Int64 // the number of the last request
	adding atomic.Int64 // the number of the last user
}

// run works until the server is killed; seed decides what is asked and answered.
func (l *load) run(ctx context.Context, seed uint64) (kill func()) {
	ctx, cancel := context.WithCancel(ctx)
	work := &sync.WaitGroup{}
	start := func(number uint64, play func(context.Context, *rand.Rand)) {
		r := rand.New(rand.NewPCG(seed, number))
		work.Go(func() {
			play(ctx, r)
			for l.away && ctx.Err() == nil && !l.dying.Load() && !l.gone() {
				<-time.After(20 * time.Millisecond)
				play(ctx, r)
			}
		})
	}
	for i := range l.phones {
		l.asked[i] = make(chan string)
	}
	for i := range backends {
		start(uint64(i), l.ask)
	}
	for i := range l.phones {
		start(uint64(100+i), func(ctx context.Context, r *rand.Rand) { l.listen(ctx, r, l.phones[i][0]) })
		start(uint64(200+i), func(ctx context.Context, r *rand.Rand) { l.race(ctx, r, l.phones[i][1], l.asked[i]) })
	}
	start(300, l.follow)
	start(301, l.move)
	return func() {
		l.dying.Store(true)
		l.signal(syscall.SIGKILL)
		cancel()
		work.Wait()
	}
}

// goesOn reports whether a client goes on after a call. One that got no answer does not: the server is dying.
func (l *load) goesOn(ctx context.Context, what string, err error, expected ...error) bool {
	for _, e := range expected {
		if errors.Is(err, e) {
			return true
		}
	}
	switch {
	case err == nil || errors.Is(err, errOver) || ctx.Err() != nil || l.dying.Load() || l.gone():
	case l.away && isRefusal(err):
		l.ledger.with(func() { l.ledger.tally.refused++ })
	default:
		l.fail(failed, "%s: %v", what, err)
	}
	return err == nil
}

// errOver ends what a client does, for a reason that was dealt with.
var errOver = errors.New("no more")

// isRefusal reports whether a server says that its database is away, or takes nothing.
func isRefusal(err error) bool {
	var backend *authy.Error
	var phone *device.Error
	return errors.As(err, &backend) && backend.StatusCode == http.StatusServiceUnavailable ||
		errors.As(err, &phone) && phone.StatusCode == http.StatusServiceUnavailable ||
		slices.Contains([]onetouch.Code{onetouch.CodeStorageUnavailable, onetouch.CodeStorageFull}, onetouch.CodeOf(err))
}

// ask is a backend. Every eighth request expires soon.
func (l *load) ask(ctx context.Context, r *rand.Rand) {
	for ctx.Err() == nil {
		user := r.IntN(users)
		message := fmt.Sprintf("%d-%d", l.round, l.asking.Add(1))
		question := authy.NewApprovalRequest{Message: message, Details: details.List{{Name: "Round", Value: message}}}
		if r.IntN(8) == 0 {
			question.SecondsToExpire = new(int64(1))
		}
		l.ledger.asks(message)
		uuid, err := l.backend.CreateApprovalRequest(ctx, l.ids[user], question)
		if !l.goesOn(ctx, "asking", err) {
			return
		}
		l.ledger.created(message, uuid)
		select {
		case l.asked[user] <- uuid:
		case <-ctx.Done():
			return
		}
		if r.IntN(3) == 0 && !l.look(ctx, uuid) {
			return
		}
	}
}

// look is a backend that polls.
func (l *load) look(ctx context.Context, uuid string) bool {
	seen, err := l.backend.ApprovalRequest(ctx, uuid)
	if err == nil {
		l.ledger.saw(uuid, l.sightOf(seen))
	}
	return l.goesOn(ctx, "polling", err)
}

func (l *load) sightOf(r authy.ApprovalRequest) sight {
	s := sight{status: r.Status}
	if r.Device != nil {
		s.device = l.uuids[r.Device.ID]
	}
	return s
}

// listen is a phone that answers what it is pushed, and first what was left over.
func (l *load) listen(ctx context.Context, r *rand.Rand, phone *device.Device) {
	left, err := phone.ApprovalRequests(ctx, device.Query{Statuses: []approval.Status{approval.Pending}, Limit: 5})
	if !l.goesOn(ctx, "listing", err) {
		return
	}
	for i := range left {
		if !l.answer(ctx, r, phone, &left[i]) {
			return
		}
	}
	err = phone.Pushes(ctx, func(ctx context.Context, push device.Push) error {
		if !l.fetchAndAnswer(ctx, r, phone, push.ApprovalRequestUUID) {
			return errOver
		}
		return nil
	})
	l.goesOn(ctx, "listening", err)
}

// race is a phone that answers what it is told of beside the stream.
func (l *load) race(ctx context.Context, r *rand.Rand, phone *device.Device, asked <-chan string) {
	for {
		select {
		case <-ctx.Done():
			return
		case uuid := <-asked:
			if !l.fetchAndAnswer(ctx, r, phone, uuid) {
				return
			}
		}
	}
}

func (l *load) fetchAndAnswer(ctx context.Context, r *rand.Rand, phone *device.Device, uuid string) bool {
	request, err := phone.ApprovalRequest(ctx, uuid)
	if err != nil {
		return l.goesOn(ctx, "fetching", err)
	}
	l.ledger.saw(uuid, sight{request.Status, request.DeviceUUID})
	if request.Status.Decided() {
		return true
	}
	return l.answer(ctx, r, phone, request)
}

func (l *load) answer(ctx context.Context, r *rand.Rand, phone *device.Device, request *device.ApprovalRequest) bool {
	status, reason := approval.Approved, ""
	if r.IntN(2) == 0 {
		status, reason = approval.Denied, "not now"
	}
	sent := l.ledger.answers(request.UUID, phone.UUID(), status)
	err := phone.Answer(ctx, request, status, reason)
	switch {
	case err == nil:
		l.ledger.taken(sent)
	case errors.Is(err, device.ErrExpired):
		l.ledger.saw(request.UUID, sight{status: approval.Expired})
	}
	return l.goesOn(ctx, "answering", err, device.ErrNotPending, device.ErrExpired)
}

// follow keeps every event.
func (l *load) follow(ctx context.Context, _ *rand.Rand) {
	var last int64
	l.ledger.with(func() {
		for sequence := range l.ledger.events {
			last = max(last, sequence)
		}
	})
	err := l.control.Follow(ctx, last, nil, func(e controlapi.Event) error {
		said, known := eventText(e), false
		l.ledger.with(func() { _, known = l.ledger.events[e.Sequence]; l.ledger.events[e.Sequence] = said })
		if known {
			l.fail(doubled, "event %d was heard twice", e.Sequence)
		}
		return nil
	})
	if l.away && errors.Is(err, controlapi.ErrUnreachable) { // the stream ends when the database is away for long
		err = errOver
	}
	l.goesOn(ctx, "following events", err)
}

func eventText(e controlapi.Event) string {
	return fmt.Sprint(e.Type, e.AuthyID, e.DeviceID, e.RequestUUID, e.DeliveryID, e.Note)
}

// moves is how many users come in a round.
const moves = 3

// move adds users with phones, and removes some of them again.
func (l *load) move(ctx context.Context, r *rand.Rand) {
	for {
		n := int(l.adding.Add(1))
		if n > moves {
			<-ctx.Done()
			return
		}
		cellphone := phoneNumber(users + l.round*moves + n)
		id, err := l.backend.CreateUser(ctx, authy.NewUser{Email: "bob@example.com", Cellphone: cellphone})
		if !l.goesOn(ctx, "adding a user", err) {
			return
		}
		l.ledger.with(func() { l.ledger.users[id] = account{} })
		token, err := l.backend.StartRegistration(ctx, id)
		if !l.goesOn(ctx, "starting a registration", err) {
			return
		}
		phone, err := device.Register(ctx, device.Registration{Server: l.base, HTTPClient: l.client, Token: token})
		if !l.goesOn(ctx, "registering", err) {
			return
		}
		key := phone.Credentials().AccessToken
		l.ledger.with(func() { l.ledger.phones[key] = account{} })
		if r.IntN(2) == 0 {
			l.ledger.with(func() { l.ledger.phones[key] = account{removing: true} })
			if !l.goesOn(ctx, "removing a phone", l.backend.DeleteDevice(ctx, phone.ID())) {
				return
			}
			l.ledger.with(func() { l.ledger.phones[key] = account{removed: true} })
		}
		if r.IntN(2) == 0 {
			l.ledger.with(func() { l.ledger.phones[key] = account{removing: true}; l.ledger.users[id] = account{removing: true} })
			if !l.goesOn(ctx, "removing a user", l.backend.DeleteUser(ctx, id)) {
				return
			}
			l.ledger.with(func() { l.ledger.phones[key] = account{removed: true}; l.ledger.users[id] = account{removed: true} })
		}
	}
}
