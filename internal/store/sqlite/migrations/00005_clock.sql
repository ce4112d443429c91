-- +goose Up

-- How the clock differs from the machine's, in one row; none while it does not.
CREATE TABLE clock (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    frozen_at INTEGER NOT NULL, -- 0 while it runs
    ahead     INTEGER NOT NULL  -- microseconds
) STRICT;

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 5;
