package sqlite_test

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

// The version in the header, which decides whether goose is asked at all, has to be the one that goose has reached.
func TestSchemaVersionIsThatOfTheNewestMigration(t *testing.T) {
	t.Parallel()
	files, err := sqlite.Migrations()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "server.db")
	closeDB(t, open(t, path))
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	var header, reached int
	err = errors.Join(
		raw.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&header),
		raw.QueryRowContext(t.Context(), "SELECT MAX(version_id) FROM goose_db_version").Scan(&reached),
		raw.Close(),
	)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != sqlite.SchemaVersion || header != sqlite.SchemaVersion || reached != sqlite.SchemaVersion {
		t.Errorf("%d migrations, header says %d, goose %d, the program %d: must be the same",
			len(files), header, reached, sqlite.SchemaVersion)
	}
}

// A migration that files have been through never changes: they would not go through it again, and lack what it then says. What
// they need comes with a new one.
func TestMigrationsStayAsTheyWere(t *testing.T) {
	t.Parallel()
	digests := map[string]string{
		"00001_initial.sql":    "bcd5b90831210b4d39f73fb40eeb5c1c0995712fa196de5804a441f003f9ae36",
		"00002_every_call.sql": "9f48384660a2521549a96ae879a76dd2a80798430fa88aa279685b56d8d9ecbd",
		"00003_pairing.sql":    "e3f79c7f36199264796adda8b72af09f41c00f5a3ef3acf0d49519b1111f7551",
		"00004_deliveries.sql": "69b5d1c1d2fe985aca8ec25ba2d147321883c012a15329a0d5d5a68b52d4b82e",
		"00005_clock.sql":      "37cbac5ab45b3eb31d1257068d8ed2ae6f5a9af67281544078bde4ec50568255",
		"00006_verify.sql":     "c15d3c9d06ba61249664c914673fa5bc9961ef7d498273c0b2e1ec04bbcf8f6f",
		"00007_retention.sql":  "a043c3ff855349230c7ffdaac9be82707c5014b7ade41f324e02f2b9b01b8c0e",
		"00008_totp.sql":       "e04a3c65cdcd45185f6d9d427365c1268da996daf237be86eee510dc3500b6bb",
		"00009_claims.sql":     "cce795d2eec37f8343e505f87646fa1712cbf01212b1bbcb3044ec3a71646ae0",
		"00010_growth.sql":     "ac2607ee7bcf3e72d221df3ec9e38079f7796b254cad3e34cb420a9b966636e1",
	}
	files, err := sqlite.Migrations()
	if err != nil || len(files) != len(digests) {
		t.Errorf("there are %v, %v: each has to be known here", files, err)
	}
	for name, digest := range digests {
		text, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(text)); got != digest {
			t.Errorf("%s has changed (%s): put it back, and write another migration", name, got)
		}
	}
}
