-- +goose Up

-- Whoever has asked for a registration learns which device it became; 0 is none yet.
ALTER TABLE registrations ADD COLUMN device_id INTEGER NOT NULL DEFAULT 0;

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 3;
