-- +goose Up

-- What a user proves themselves with in the Verify API: '' is a device, totp an authenticator app.
ALTER TABLE devices ADD COLUMN factor_type TEXT COLLATE "C" NOT NULL DEFAULT '';
