-- +goose Up

-- What a user proves themselves with in the Verify API: '' is a device, totp an authenticator app.
ALTER TABLE devices ADD COLUMN factor_type TEXT NOT NULL DEFAULT '';

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 8;
