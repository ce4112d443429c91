package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// What was removed leaves room for what comes: the file grows no further.
func TestRemovedHistoryLeavesRoom(t *testing.T) {
	t.Parallel()
	db := open(t, filepath.Join(t.TempDir(), "server.db"))
	t.Cleanup(func() { closeDB(t, db) })
	app := onetouch.Application{ID: "app", APIKey: "key"}
	user := onetouch.User{AppID: "app"}
	device := onetouch.Device{AppID: "app"}
	err := db.Update(t.Context(), func(tx onetouch.Transaction) error {
		if err := errors.Join(tx.InsertApplication(&app), tx.InsertUser(&user)); err != nil {
			return err
		}
		device.AuthyID = user.AuthyID
		return tx.InsertDevice(&device)
	})
	if err != nil {
		t.Fatal(err)
	}
	const history = 500
	service := onetouch.NewService(db, onetouch.Options{})
	var first int64
	for round := range 3 {
		if err := db.engine.Fill(history, app.ID, user.AuthyID, device.ID); err != nil {
			t.Fatal(err)
		}
		pages, err := db.engine.Pages()
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			first = pages
		} else if pages > first+first/10 {
			t.Errorf("round %d: the file has %d pages, %d in the first", round, pages, first)
		}
		removed, err := service.RemoveOld(t.Context(), time.Now())
		if err != nil || removed.Requests != history || removed.Deliveries != 2*history || removed.Events < 2*history {
			t.Fatalf("removed %+v, %v", removed, err)
		}
	}
}
