package server

import (
	"encoding/binary"
	"errors"
	"hash/maphash"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// How many credentials a caller may get wrong: far more than a test suite does, and far less than guessing takes.
const (
	mostGuesses   = 300             // at once
	guessInterval = time.Second / 2 // in which one more may be made, when as many were wrong
	guessSlots    = 4096            // that are kept, whoever calls; two that share one share its limit
	provenSlots   = 4096            // credentials that have been right
)

// guesses limits how often callers on other machines may present a wrong credential, each address by itself. It takes the
// same memory however many call. A credential that has been right stays free of the limit:
// who guesses from behind the same address holds up nobody who knows.
//
// Callers on this machine are not limited: they are tests, and know the files of the workspace anyway.
type guesses struct {
	now  func() time.Time
	seed maphash.Seed

	mu     sync.Mutex
	full   [guessSlots]time.Time // when all of the slot's guesses may be made again; before: some were
	proven [provenSlots]uint64   // hashes
}

func newGuesses() *guesses { return &guesses{now: time.Now, seed: maphash.MakeSeed()} }

// guess is one try of a credential.
type guess struct {
	*guesses
	slot       uint64 // whose limit it is under
	credential uint64 // 0: there is none
}

// of is the try that a call is; free when it is not limited. kind tells the guard that it is for: what one takes for right
// says nothing about another.
func (g *guesses) of(r *http.Request, kind string) (one guess, free bool) {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || remote.Addr().Unmap().IsLoopback() { // no address is in process
		return guess{}, true
	}
	return guess{guesses: g, slot: g.slotOf(remote.Addr()), credential: g.credentialOf(r, kind)}, false
}

// slotOf is the slot of an address. A network of IPv6 counts as one: whoever has one address of it has all.
func (g *guesses) slotOf(address netip.Addr) uint64 {
	address = address.Unmap().WithZone("")
	if address.Is6() {
		address = netip.PrefixFrom(address, 64).Masked().Addr()
	}
	return maphash.Comparable(g.seed, address) % guessSlots
}

// credentialOf tells credentials in headers and the query apart. One in a body is not known yet, and has no advantage.
func (g *guesses) credentialOf(r *http.Request, kind string) uint64 {
	var h maphash.Hash
	h.SetSeed(g.seed)
	_, _ = h.WriteString(kind)
	given, query := false, ""
	if r.URL.RawQuery != "" {
		query = r.URL.Query().Get("api_key")
	}
	for _, part := range []string{r.Header.Get("Authorization"), r.Header.Get("X-Authy-Api-Key"), query} {
		given = given || part != ""
		_ = binary.Write(&h, binary.LittleEndian, int64(len(part)))
		_, _ = h.WriteString(part)
	}
	if !given {
		return 0
	}
	return max(h.Sum64(), 1)
}

// refusal is the error of a try that may not be made now; nil when it may.
func (one guess) refusal() error {
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.credential != 0 && one.proven[one.credential%provenSlots] == one.credential {
		return nil
	}
	wait := one.full[one.slot].Add(-(mostGuesses - 1) * guessInterval).Sub(one.now())
	if wait <= 0 {
		return nil
	}
	return &onetouch.Error{
		Code: problem.CodeTooManyGuesses, RetryAfter: wait,
		Message: "Too many wrong credentials came from your address. Correct yours, and try again later.",
	}
}

// wrong counts a credential that was wrong.
func (one guess) wrong() {
	one.mu.Lock()
	defer one.mu.Unlock()
	full := &one.full[one.slot]
	if now := one.now(); full.Before(now) {
		*full = now
	}
	*full = full.Add(guessInterval)
}

// right remembers a credential that was right.
func (one guess) right() {
	if one.credential == 0 {
		return
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	one.proven[one.credential%provenSlots] = one.credential
}

// revoked forgets a credential that has been right.
func (one guess) revoked() {
	one.mu.Lock()
	defer one.mu.Unlock()
	if slot := &one.proven[one.credential%provenSlots]; *slot == one.credential {
		*slot = 0
	}
}

// watch stands around the guards of the families, and around the public calls that take a secret.
func (g *guesses) watch(families route.Families) route.Families {
	watched := slices.Clone(families)
	for i, family := range families {
		guards := map[route.Access]route.Guard{}
		for access, guard := range family.Guards {
			if access != route.Public {
				guard = g.guard(guard, family.Prefix+" "+string(access))
			}
			guards[access] = guard
		}
		watched[i].Guards, watched[i].Routes = guards, make([]route.Route, len(family.Routes))
		for n, r := range family.Routes {
			if r.Access == route.Public && r.Method != http.MethodGet {
				r.Handle = g.handle(r.Handle, families)
			}
			watched[i].Routes[n] = r
		}
	}
	return watched
}

// guard limits those whom a guard refuses.
func (g *guesses) guard(next route.Guard, kind string) route.Guard {
	return func(r *http.Request) (*http.Request, error) {
		one, free := g.of(r, kind)
		if free {
			return next(r)
		}
		if err := one.refusal(); err != nil {
			return nil, err
		}
		passed, err := next(r)
		switch {
		case err == nil:
			one.right()
		case isWrongCredential(err):
			one.revoked()
			one.wrong()
		}
		return passed, err
	}
}

// isWrongCredential tells what a guard says of a credential from what it says of the call. Faults that are made on purpose
// are neither.
func isWrongCredential(err error) bool {
	var refusal *onetouch.Error
	if !errors.As(err, &refusal) {
		return false
	}
	status := problem.StatusOf(refusal.Code)
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}

// handle limits those whose secret a public call refuses: it is part of the call, so the answer tells.
func (g *guesses) handle(next http.HandlerFunc, families route.Families) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		one, free := g.of(r, "")
		if free {
			next(w, r)
			return
		}
		one.credential = 0
		if err := one.refusal(); err != nil {
			families.Refuse(w, r, err)
			return
		}
		heard := &heardStatus{ResponseWriter: w}
		next(heard, r)
		if heard.status >= 400 && heard.status < 500 {
			one.wrong()
		}
	}
}

// heardStatus hears with which status a call is answered.
type heardStatus struct {
	http.ResponseWriter
	status int
}

// Unwrap is for [http.ResponseController].
func (h *heardStatus) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (h *heardStatus) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
	h.ResponseWriter.WriteHeader(status)
}
