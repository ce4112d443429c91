package sqlite

import "testing"

// SQLite must not look into the parameter of a LIMIT, wherever it stands.
func TestDialect(t *testing.T) {
	t.Parallel()
	const query = "SELECT a FROM (SELECT a FROM b WHERE c = ? LIMIT ?) ORDER BY a LIMIT ?"
	if got, want := dialect(query), "SELECT a FROM (SELECT a FROM b WHERE c = ? LIMIT +?) ORDER BY a LIMIT +?"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
