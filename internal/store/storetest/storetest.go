// Package storetest is the contract of [onetouch.Store] as tests that every engine runs.
package storetest

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Store is a store as a process has it.
type Store interface {
	onetouch.Store
	Watch(ctx context.Context, interval time.Duration, begun func(), changed func(topics []string))
	Lease(context.Context) (onetouch.Lease, error)
	Save(ctx context.Context, path string) error
	Restore(ctx context.Context, path string, e onetouch.Event) error
	Close() error
}

// Open opens the database of that name, which contains what an earlier Open of the same name wrote. The name is a path in a
// folder of the test's own. Open fails the test when it cannot.
type Open func(t testing.TB, name string) Store

// Run checks that the engine behaves as [onetouch.Store] says.
func Run(t *testing.T, open Open) {
	for name, check := range map[string]func(*testing.T, *world){
		"applications":                        applications,
		"applications without a record":       applicationsWithoutRecord,
		"users":                               users,
		"users list":                          usersList,
		"users without a record":              usersWithoutRecord,
		"users with their own ID":             usersWithTheirOwnID,
		"users counted":                       countUsers,
		"standing":                            standing,
		"activities":                          activities,
		"clock":                               clockSetting,
		"clearing":                            clearing,
		"restoring a copy":                    restoring,
		"restoring nothing":                   restoringNothing,
		"one-time passwords":                  oneTimePasswords,
		"token steps":                         tokenSteps,
		"token failures":                      tokenFailures,
		"authenticators":                      authenticators,
		"messages":                            messages,
		"messages list":                       messagesList,
		"messages counted":                    messagesCounted,
		"phone verifications":                 phoneVerifications,
		"webhooks":                            webhooks,
		"deliveries to webhooks":              webhookDeliveries,
		"counts":                              counts,
		"registrations":                       registrations,
		"devices":                             devices,
		"devices list":                        devicesList,
		"devices without a record":            devicesWithoutRecord,
		"requests":                            requests,
		"requests keep any text":              requestsKeepAnyText,
		"requests list":                       requestsList,
		"requests are decided once":           requestsAreDecidedOnce,
		"requests are decided once in a race": requestsAreDecidedOnceInRace,
		"requests expire":                     requestsExpire,
		"requests are notified by a push":     requestsAreNotified,
		"deliveries":                          deliveries,
		"deliveries list":                     deliveriesList,
		"deliveries that are due":             deliveriesDue,
		"attempts":                            attempts,
		"contents of deliveries":              deliveryContents,
		"pushes of a stream":                  streamPushes,
		"events":                              events,
		"lists of an application at rest":     listsAtRest,
		"history of requests":                 historyOfRequests,
		"history of deliveries":               historyOfDeliveries,
		"history of events":                   historyOfEvents,
		"history of what is small":            historyOfSmallThings,
		"change that fails":                   failedChange,
		"change that swallows a failure":      swallowedFailure,
		"change that panics":                  panickingChange,
		"change that ends its goroutine":      vanishingChange,
		"one failing change among many":       failingAmongMany,
		"changes that count":                  countingChanges,
		"changes that are followed":           followedChanges,
		"change that gives up":                abandonedChange,
		"change once begun":                   begunChange,
		"view that gives up":                  abandonedView,
		"view after a change":                 viewAfterChange,
		"view that fails":                     failedView,
		"watch ends":                          watchEnds,
		"lease is taken again":                leaseIsTakenAgain,
		"one claimant":                        oneClaimant,
		"use after close":                     useAfterClose,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, newWorld(t, open(t, database(t))))
		})
	}
}

// RunLasting checks what only an engine can do whose databases outlive their store.
func RunLasting(t *testing.T, open Open) {
	for name, check := range map[string]func(*testing.T, Open){
		"reopening":                  reopening,
		"view is one picture":        consistentView,
		"glance beside a change":     glanceBesideChange,
		"two stores on one database": twoStores,
		"watch hears others only":    watchHearsOthersOnly,
		"lease is one's":             leaseIsOnes,
		"claims keep order":          claimsKeepOrder,
		"claims of one that is gone": claimsOfOneThatIsGone,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open)
		})
	}
}

func database(t testing.TB) string { return filepath.Join(t.TempDir(), "contract.db") }

// start is when every test begins.
func start() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 123456000, time.UTC) }

// world is a store with an application, a user of it and a device of theirs.
type world struct {
	store  Store
	app    onetouch.Application
	user   onetouch.User
	device onetouch.Device
}

func newWorld(t testing.TB, s Store) *world {
	t.Helper()
	t.Cleanup(func() { closeStore(t, s) })
	w := &world{store: s}
	w.update(t, func(tx onetouch.Transaction) error {
		w.app = application("one")
		if err := tx.InsertApplication(&w.app); err != nil {
			return err
		}
		w.user = user(w.app, "2025550100")
		if err := tx.InsertUser(&w.user); err != nil {
			return err
		}
		w.device = device(w.user, "first")
		return tx.InsertDevice(&w.device)
	})
	return w
}

// update makes a change that has to succeed.
func (w *world) update(t testing.TB, change func(onetouch.Transaction) error) {
	t.Helper()
	if err := w.store.Update(t.Context(), change); err != nil {
		t.Fatalf("change: %v", err)
	}
}

// view reads something that has to be there.
func view[T any](t testing.TB, w *world, read func(onetouch.Reader) (T, error)) T {
	t.Helper()
	found, err := lookUp(t, w, read)
	if err != nil {
		t.Fatalf("view: %v", err)
	}
	return found
}

func lookUp[T any](t testing.TB, w *world, read func(onetouch.Reader) (T, error)) (found T, err error) {
	t.Helper()
	err = w.store.View(t.Context(), func(r onetouch.Reader) (err error) {
		found, err = read(r)
		return err
	})
	return found, err
}

// absent checks that there is no such record.
func absent[T any](t testing.TB, w *world, what string, read func(onetouch.Reader) (T, error)) {
	t.Helper()
	if found, err := lookUp(t, w, read); !errors.Is(err, onetouch.ErrNotFound) {
		t.Errorf("%s: got %+v, %v, want ErrNotFound", what, found, err)
	}
}

// refused checks that a change of something that is not there fails.
func refused(t testing.TB, w *world, what string, change func(onetouch.Transaction) error) {
	t.Helper()
	if err := w.store.Update(t.Context(), change); !errors.Is(err, onetouch.ErrNotFound) {
		t.Errorf("%s: got %v, want ErrNotFound", what, err)
	}
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, diff)
	}
}
