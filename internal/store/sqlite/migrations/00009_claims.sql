-- +goose Up

-- Nothing: one process sends what is owed in a file, so nobody claims it. PostgreSQL's migration of this number has the claims.

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 9;
