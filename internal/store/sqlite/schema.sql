-- Written by go generate ./internal/store/sqlite: write another migration, and do not change this file.
-- It is what all migrations together make of a new database.

CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);

CREATE TABLE applications (
    serial_id       INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    customer_uuid   INTEGER NOT NULL,
    name            TEXT    NOT NULL,
    api_key         TEXT    NOT NULL UNIQUE,
    callback_url    TEXT    NOT NULL,
    callback_method TEXT    NOT NULL,
    push_sender     TEXT    NOT NULL,
    require_device  INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
, alternative_api_key TEXT NOT NULL DEFAULT '', access_key TEXT NOT NULL DEFAULT '', signing_key TEXT NOT NULL DEFAULT '', settings TEXT NOT NULL DEFAULT
    '{"token_digits":7,"verify_unconfirmed":true,"sms_enabled":true,"calls_enabled":true,
      "limits":{"tokens_per_hour":60,"failures_per_hour":100}}', updated_at INTEGER NOT NULL DEFAULT 0, removed_at INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE users (
    authy_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL,
    app_id       TEXT    NOT NULL REFERENCES applications (id),
    email        TEXT    NOT NULL,
    country_code INTEGER NOT NULL,
    cellphone    TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    removed_at   INTEGER NOT NULL, confirmed_at INTEGER NOT NULL DEFAULT 0, suspended_at INTEGER NOT NULL DEFAULT 0, identity TEXT NOT NULL DEFAULT '',
    UNIQUE (app_id, country_code, cellphone)
) STRICT;

CREATE INDEX users_of_application ON users (app_id) WHERE removed_at = 0;

CREATE TABLE registrations (
    token_digest BLOB    PRIMARY KEY,
    app_id       TEXT    NOT NULL,
    authy_id     INTEGER NOT NULL REFERENCES users (authy_id),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_at      INTEGER NOT NULL
, device_id INTEGER NOT NULL DEFAULT 0, sid TEXT NOT NULL DEFAULT '', device_name TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid                TEXT    NOT NULL UNIQUE,
    app_id              TEXT    NOT NULL,
    authy_id            INTEGER NOT NULL REFERENCES users (authy_id),
    name                TEXT    NOT NULL,
    platform            TEXT    NOT NULL,
    app_version         TEXT    NOT NULL,
    public_key          BLOB    NOT NULL,
    key_id              TEXT    NOT NULL,
    access_token_digest BLOB    NOT NULL UNIQUE,
    push_type           TEXT    NOT NULL,
    push_token          TEXT    NOT NULL,
    push_url            TEXT    NOT NULL,
    totp_secret         BLOB    NOT NULL,
    registered_at       INTEGER NOT NULL,
    removed_at          INTEGER NOT NULL
, api TEXT NOT NULL DEFAULT '', factor TEXT NOT NULL DEFAULT 'null', verified_at INTEGER NOT NULL DEFAULT 0, updated_at INTEGER NOT NULL DEFAULT 0, factor_type TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX devices_of_user ON devices (authy_id);

CREATE TABLE approval_requests (
    number            INTEGER PRIMARY KEY,
    uuid              TEXT    NOT NULL UNIQUE,
    id                TEXT    NOT NULL,
    app_id            TEXT    NOT NULL REFERENCES applications (id),
    authy_id          INTEGER NOT NULL REFERENCES users (authy_id),
    status            TEXT    NOT NULL,
    seconds_to_expire INTEGER NOT NULL,
    created_at        INTEGER NOT NULL,
    expires_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    processed_at      INTEGER NOT NULL,
    challenge         TEXT    NOT NULL,
    answer_device_id  INTEGER NOT NULL,
    answer_signed_at  INTEGER NOT NULL,
    answer_reason     TEXT    NOT NULL,
    answer_jws        TEXT    NOT NULL,
    app_name          TEXT    NOT NULL,
    message           TEXT    NOT NULL,
    logos             TEXT    NOT NULL,
    details           TEXT    NOT NULL,
    hidden_details    TEXT    NOT NULL
, device_id INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX approval_requests_of_user ON approval_requests (authy_id, status, created_at);

CREATE INDEX approval_requests_by_status ON approval_requests (status, created_at);

CREATE INDEX approval_requests_that_expire ON approval_requests (status, expires_at)
    WHERE status = 'pending' AND expires_at > 0;

CREATE TABLE events (
    sequence       INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,
    type           TEXT    NOT NULL,
    app_id         TEXT    NOT NULL,
    authy_id       INTEGER NOT NULL,
    device_id      INTEGER NOT NULL,
    request_number INTEGER,
    delivery_id    INTEGER NOT NULL,
    note           TEXT    NOT NULL
, verification_uuid TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX events_of_request ON events (request_number) WHERE request_number IS NOT NULL;

CREATE UNIQUE INDEX applications_by_alternative_key ON applications (alternative_api_key)
    WHERE alternative_api_key <> '';

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

CREATE TABLE token_steps (
    owner TEXT    PRIMARY KEY,
    step  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
, api TEXT NOT NULL DEFAULT '', disabled INTEGER NOT NULL DEFAULT 0, version TEXT NOT NULL DEFAULT '', updated_at INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX webhooks_of_application ON webhooks (app_id) WHERE removed_at = 0;

CREATE TABLE counts (
    app_id TEXT    NOT NULL,
    period INTEGER NOT NULL,
    what   TEXT    NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (app_id, period, what)
) STRICT, WITHOUT ROWID;

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
, receiver TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE attempts (
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
    number      INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    duration    INTEGER NOT NULL, -- nanoseconds
    status_code INTEGER NOT NULL,
    response    TEXT    NOT NULL,
    error       TEXT    NOT NULL, exchange TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX deliveries_of_request ON deliveries (request_number, device_id) WHERE request_number IS NOT NULL;

CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id) WHERE webhook_id IS NOT NULL;

CREATE INDEX deliveries_to_device ON deliveries (device_id) WHERE kind = 'push';

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

CREATE INDEX deliveries_scheduled ON deliveries (receiver, next_attempt_at)
    WHERE state = 'pending' AND next_attempt_at > 0;

CREATE TABLE delivery_contents (
    delivery_id INTEGER PRIMARY KEY REFERENCES deliveries (id),
    replay_of   INTEGER REFERENCES deliveries (id),
    payload     TEXT    NOT NULL,
    nonce       TEXT    NOT NULL, -- empty: the time of sending
    signature   TEXT    NOT NULL  -- empty: made when it is sent
) STRICT;

CREATE INDEX delivery_contents_of_replays ON delivery_contents (replay_of) WHERE replay_of IS NOT NULL;

CREATE TABLE clock (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    frozen_at INTEGER NOT NULL, -- 0 while it runs
    ahead     INTEGER NOT NULL  -- microseconds
) STRICT;

CREATE TABLE accounts (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    sid        TEXT    NOT NULL,
    auth_token TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX users_by_identity ON users (app_id, identity) WHERE identity <> '';

CREATE UNIQUE INDEX registrations_by_sid ON registrations (sid) WHERE sid <> '';

CREATE TABLE delivery_numbers (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    last INTEGER NOT NULL
) STRICT;

CREATE INDEX deliveries_of_event ON deliveries (event_sequence) WHERE event_sequence IS NOT NULL;

CREATE INDEX deliveries_failed ON deliveries (state) WHERE state = 'failed';

CREATE INDEX deliveries_of_rare_kinds ON deliveries (kind) WHERE kind NOT IN ('push', 'callback');

CREATE INDEX deliveries_of_no_request ON deliveries (app_id) WHERE request_number IS NULL;

CREATE INDEX events_of_rare_types ON events (type)
    WHERE type NOT IN ('one_touch_request_created', 'one_touch_request_responded', 'push_sent', 'callback_sent');

CREATE INDEX events_of_no_request ON events (app_id) WHERE request_number IS NULL;

CREATE INDEX events_of_user ON events (authy_id) WHERE request_number IS NULL AND authy_id > 0;

CREATE INDEX messages_of_application ON messages (app_id);

CREATE INDEX activities_of_application ON activities (app_id);

CREATE INDEX devices_of_application ON devices (app_id, factor_type) WHERE removed_at = 0;

INSERT INTO sqlite_sequence (name, seq) VALUES ('devices', 1999999);

INSERT INTO sqlite_sequence (name, seq) VALUES ('users', 999);

INSERT INTO delivery_numbers (id, last) VALUES (1, 0);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (3, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (4, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (5, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (6, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (7, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (8, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (9, 1);

INSERT INTO goose_db_version (version_id, is_applied) VALUES (10, 1);

PRAGMA application_id = 1330922312;

PRAGMA user_version = 10;
