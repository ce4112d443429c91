-- +goose Up

-- How the clock differs from the machine's, in one row; none while it does not.
CREATE TABLE clock (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    frozen_at INTEGER NOT NULL, -- 0 while it runs
    ahead     INTEGER NOT NULL  -- microseconds
) STRICT;

-- The highest number that a delivery had when the store was emptied, or had other contents, in one row: no delivery gets the
-- number of another one, of which something may still be on its way.
CREATE TABLE delivery_numbers (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO delivery_numbers (id, last) VALUES (1, 0);

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 5;
