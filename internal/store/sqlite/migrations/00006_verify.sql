-- +goose Up

-- Who owns all applications in the Verify API, in one row.
CREATE TABLE accounts (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    sid        TEXT    NOT NULL,
    auth_token TEXT    NOT NULL
) STRICT;

-- An application can be deleted through the Verify API, where it is a service.
ALTER TABLE applications ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN removed_at INTEGER NOT NULL DEFAULT 0;
UPDATE applications SET updated_at = created_at;

-- What the Verify API calls a user. One who has no phone number has country code 0, and the user's ID as the number.
ALTER TABLE users ADD COLUMN identity TEXT NOT NULL DEFAULT '';
UPDATE users SET identity = id;
CREATE UNIQUE INDEX users_by_identity ON users (app_id, identity) WHERE identity <> '';

-- Access tokens of the Verify API are registration tokens that have a SID.
ALTER TABLE registrations ADD COLUMN sid TEXT NOT NULL DEFAULT '';
ALTER TABLE registrations ADD COLUMN device_name TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX registrations_by_sid ON registrations (sid) WHERE sid <> '';

-- Through which API a device has come ('' is Authy's), what it says of itself as a factor, and when it showed that it has
-- its key: 0 is not yet.
ALTER TABLE devices ADD COLUMN api TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN factor TEXT NOT NULL DEFAULT 'null';
ALTER TABLE devices ADD COLUMN verified_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE devices SET verified_at = registered_at, updated_at = registered_at;

-- The only device that may answer; 0 is any device of the user.
ALTER TABLE approval_requests ADD COLUMN device_id INTEGER NOT NULL DEFAULT 0;

-- Which API a webhook is of ('' is Authy's), and what the Verify API knows of it beside that.
ALTER TABLE webhooks ADD COLUMN api TEXT NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE webhooks ADD COLUMN version TEXT NOT NULL DEFAULT '';
ALTER TABLE webhooks ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE webhooks SET updated_at = created_at;

-- The highest number that a delivery had when the store was emptied, or had other contents, in one row: no delivery gets the
-- number of another one, of which something may still be on its way. Some files of version 5 have it already.
CREATE TABLE IF NOT EXISTS delivery_numbers (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO delivery_numbers (id, last) VALUES (1, 0);

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 6;
