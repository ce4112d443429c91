package sqlite_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

// A file of the first version keeps everything, and gets what the second needs.
func TestUpgradeFromTheFirstVersion(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "server.db")
	firstVersion(t, path)
	db := open(t, path)
	t.Cleanup(func() { closeDB(t, db) })
	err := db.View(t.Context(), func(r onetouch.Reader) error {
		app, err := r.ApplicationByKey("the key")
		if err != nil {
			return err
		}
		if app.TokenDigits != 7 || !app.SMSEnabled || !app.VerifyUnconfirmed || app.Sandbox || app.Suspended ||
			app.TokensPerHour != 60 || len(app.AccessKey) != 32 || len(app.SigningKey) != 32 || app.AccessKey == app.SigningKey {
			t.Errorf("the application is %+v", app)
		}
		expectUpgradedUsers(t, r)
		expectUpgradedDeliveries(t, r)
		for what, want := range map[string]int{"users": 2, "auths": 1} {
			if got, err := r.Count("app", what, 202603); err != nil || got != want {
				t.Errorf("%s are %d, %v, want %d", what, got, err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func expectUpgradedUsers(t *testing.T, r onetouch.Reader) {
	t.Helper()
	for id, confirmed := range map[int64]bool{1000: true, 1001: false} {
		user, err := r.User("app", id)
		if err != nil || user.Confirmed() != confirmed || user.Suspended() {
			t.Errorf("user %d is %+v, %v: want confirmed %t, as a device makes them", id, user, err, confirmed)
		}
	}
}

func expectUpgradedDeliveries(t *testing.T, r onetouch.Reader) {
	t.Helper()
	deliveries, err := r.Deliveries(onetouch.DeliveryFilter{RequestUUID: "uuid"})
	if err != nil || len(deliveries) != 1 || deliveries[0].ID != 7 || deliveries[0].LastError != "refused" {
		t.Fatalf("deliveries are %+v, %v", deliveries, err)
	}
	attempts, err := r.Attempts(7)
	if err != nil || len(attempts) != 1 || attempts[0].Error != "refused" {
		t.Errorf("attempts are %+v, %v", attempts, err)
	}
}

// firstVersion writes what the first version wrote: a user with a device, who approved a request, and one without.
func firstVersion(t *testing.T, path string) {
	t.Helper()
	schema, err := os.ReadFile("migrations/00001_initial.sql")
	if err != nil {
		t.Fatal(err)
	}
	const march = "1772600000000000"
	for _, statement := range []string{
		"CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, " +
			"is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))",
		"INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)",
		string(schema),
		"INSERT INTO applications VALUES (1, 'app', 1, 'Acme', 'the key', '', 'POST', 'authy', 0, " + march + ")",
		"INSERT INTO users VALUES (1000, 'u1', 'app', 'a@example.com', 1, '2025550100', " + march + ", 0), " +
			"(1001, 'u2', 'app', 'b@example.com', 1, '2025550101', " + march + ", 0)",
		"INSERT INTO devices VALUES (2000000, 'd', 'app', 1000, 'n', 'ios', '', x'', '', x'01', 'sse', '', '', x'', " + march + ", 0)",
		"INSERT INTO approval_requests VALUES (1, 'uuid', 'id', 'app', 1000, 'approved', 0, " + march + ", 0, " + march + ", " + march +
			", 'c', 2000000, 0, '', '', 'Acme', 'Log in?', '[]', '[]', '[]')",
		"INSERT INTO deliveries VALUES (7, 'app', 'callback', 1, 0, 'POST', 'http://x/', 'pending', 1, 5, 1, 0, 'refused')",
		"INSERT INTO attempts VALUES (7, 1, 1, 1, 500, '', 'refused')",
		"INSERT INTO events VALUES (1, 1, 'user_added', 'app', 1000, 0, NULL, 0, '')",
	} {
		execute(t, path, statement)
	}
	if strings.Contains(string(schema), "webhooks") || sqlite.SchemaVersion < 2 {
		t.Fatal("this is not the first version")
	}
}
