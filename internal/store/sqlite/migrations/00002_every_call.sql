-- What every call of the Authy API needs beside approval requests: switches of applications, one-time passwords, the
-- inbox, phone verifications, webhooks and counts.

-- Columns come first: SQLite reads the whole schema again for each.

-- +goose Up
ALTER TABLE events ADD COLUMN verification_uuid TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN confirmed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN suspended_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE applications ADD COLUMN alternative_api_key TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN access_key TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN signing_key TEXT NOT NULL DEFAULT '';
-- Everything that can be switched, as a JSON object; see applications.go.
ALTER TABLE applications ADD COLUMN settings TEXT NOT NULL DEFAULT
    '{"token_digits":7,"verify_unconfirmed":true,"sms_enabled":true,"calls_enabled":true,
      "limits":{"tokens_per_hour":60,"failures_per_hour":100}}';
UPDATE applications SET access_key = lower(hex(randomblob(16))), signing_key = lower(hex(randomblob(16)));
CREATE UNIQUE INDEX applications_by_alternative_key ON applications (alternative_api_key)
    WHERE alternative_api_key <> '';

UPDATE users SET confirmed_at = COALESCE(
    (SELECT MIN(d.registered_at) FROM devices d WHERE d.authy_id = users.authy_id), 0);

CREATE INDEX registrations_of_user ON registrations (authy_id, created_at);

CREATE TABLE one_time_passwords (
    id         INTEGER PRIMARY KEY,
    app_id     TEXT    NOT NULL,
    authy_id   INTEGER NOT NULL REFERENCES users (authy_id),
    channel    TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    code       TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX one_time_passwords_of_user ON one_time_passwords (authy_id, expires_at);

-- The newest time step whose code was taken, of each shared secret.
CREATE TABLE token_steps (
    owner TEXT    PRIMARY KEY,
    step  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong one-time passwords of a user since some time.
CREATE TABLE token_failures (
    authy_id INTEGER PRIMARY KEY REFERENCES users (authy_id),
    number   INTEGER NOT NULL,
    since    INTEGER NOT NULL
) STRICT;

CREATE TABLE authenticators (
    authy_id   INTEGER PRIMARY KEY REFERENCES users (authy_id),
    app_id     TEXT    NOT NULL,
    secret     BLOB    NOT NULL,
    label      TEXT    NOT NULL,
    ticket     TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE activities (
    id         INTEGER PRIMARY KEY,
    app_id     TEXT    NOT NULL,
    authy_id   INTEGER NOT NULL REFERENCES users (authy_id),
    type       TEXT    NOT NULL,
    data       TEXT    NOT NULL,
    user_ip    TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX activities_of_user ON activities (authy_id);

-- Messages and events name a verification by its UUID: no event is to cost a lookup.
CREATE TABLE phone_verifications (
    id           INTEGER PRIMARY KEY,
    uuid         TEXT    NOT NULL UNIQUE,
    app_id       TEXT    NOT NULL REFERENCES applications (id),
    country_code INTEGER NOT NULL,
    phone_number TEXT    NOT NULL,
    via          TEXT    NOT NULL,
    locale       TEXT    NOT NULL,
    code         TEXT    NOT NULL,
    failures     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    verified_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX phone_verifications_of_number ON phone_verifications (app_id, country_code, phone_number);

CREATE TABLE webhooks (
    id          TEXT    PRIMARY KEY,
    app_id      TEXT    NOT NULL REFERENCES applications (id),
    name        TEXT    NOT NULL,
    url         TEXT    NOT NULL,
    signing_key TEXT    NOT NULL,
    events      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    removed_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX webhooks_of_application ON webhooks (app_id) WHERE removed_at = 0;

-- How often something happened in a day (period 20260304) or a month (202603).
CREATE TABLE counts (
    app_id TEXT    NOT NULL,
    period INTEGER NOT NULL,
    what   TEXT    NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (app_id, period, what)
) STRICT, WITHOUT ROWID;
INSERT INTO counts (app_id, period, what, number)
    SELECT app_id, CAST(strftime('%Y%m', created_at / 1000000, 'unixepoch') AS INTEGER), 'users', COUNT(*)
    FROM users GROUP BY 1, 2;
INSERT INTO counts (app_id, period, what, number)
    SELECT app_id, CAST(strftime('%Y%m', processed_at / 1000000, 'unixepoch') AS INTEGER), 'auths', COUNT(*)
    FROM approval_requests WHERE status = 'approved' GROUP BY 1, 2;

-- Not every delivery is about an approval request any more. Tables are made anew because a column cannot lose its NOT
-- NULL; they are copied aside and back, as renaming a table makes SQLite read its whole schema several times.
CREATE TEMP TABLE old_deliveries AS SELECT * FROM deliveries;
CREATE TEMP TABLE old_attempts AS SELECT * FROM attempts;
DROP TABLE attempts;
DROP TABLE deliveries;
CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY,
    app_id          TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    request_number  INTEGER REFERENCES approval_requests (number),
    device_id       INTEGER NOT NULL,
    webhook_id      TEXT    REFERENCES webhooks (id),
    event_sequence  INTEGER REFERENCES events (sequence),
    method          TEXT    NOT NULL,
    url             TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER NOT NULL,
    last_error      TEXT    NOT NULL
) STRICT;
CREATE TABLE attempts (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    number      INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    duration    INTEGER NOT NULL, -- nanoseconds
    status_code INTEGER NOT NULL,
    response    TEXT    NOT NULL,
    error       TEXT    NOT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO deliveries (id, app_id, kind, request_number, device_id, method, url, state, attempts, next_attempt_at,
        created_at, finished_at, last_error)
    SELECT id, app_id, kind, request_number, device_id, method, url, state, attempts, next_attempt_at, created_at,
        finished_at, last_error FROM old_deliveries;
INSERT INTO attempts SELECT * FROM old_attempts;
DROP TABLE old_attempts;
DROP TABLE old_deliveries;
CREATE INDEX deliveries_of_request ON deliveries (request_number, device_id) WHERE request_number IS NOT NULL;
CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id) WHERE webhook_id IS NOT NULL;
CREATE INDEX deliveries_scheduled ON deliveries (next_attempt_at) WHERE state = 'pending' AND next_attempt_at > 0;
CREATE INDEX deliveries_to_device ON deliveries (device_id) WHERE kind = 'push';

-- Texts, calls and e-mails are deliveries too, so that they have one order with pushes. A push needs no row here: what it
-- says is kept with its request.
CREATE TABLE messages (
    id                INTEGER PRIMARY KEY REFERENCES deliveries (id),
    app_id            TEXT    NOT NULL,
    authy_id          INTEGER NOT NULL, -- 0: to a phone number that is verified
    channel           TEXT    NOT NULL,
    recipient         TEXT    NOT NULL,
    body              TEXT    NOT NULL,
    code              TEXT    NOT NULL,
    locale            TEXT    NOT NULL,
    verification_uuid TEXT    NOT NULL,
    created_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_of_user ON messages (authy_id);
CREATE INDEX messages_to ON messages (recipient);

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 2;
