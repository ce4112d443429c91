-- Times are microseconds since 1970-01-01 UTC, and 0 is "not yet" or "never". Lists are JSON text. Numbers that the rest
-- of the world sees (Authy IDs, device IDs) are never given twice, and their ranges differ so that one is not taken for
-- the other.

-- +goose Up
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
) STRICT;

CREATE TABLE users (
    authy_id     INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT    NOT NULL,
    app_id       TEXT    NOT NULL REFERENCES applications (id),
    email        TEXT    NOT NULL,
    country_code INTEGER NOT NULL,
    cellphone    TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    removed_at   INTEGER NOT NULL,
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
) STRICT, WITHOUT ROWID;

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
) STRICT;
CREATE INDEX devices_of_user ON devices (authy_id);

-- The number is the key for other tables: it grows, so their indexes grow at their end, where a random UUID would
-- touch another page with each row.
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
) STRICT;
-- Lists of one user and of all, newest first. A list over several statuses merges one walk for each.
CREATE INDEX approval_requests_of_user ON approval_requests (authy_id, status, created_at);
CREATE INDEX approval_requests_by_status ON approval_requests (status, created_at);
CREATE INDEX approval_requests_that_expire ON approval_requests (status, expires_at)
    WHERE status = 'pending' AND expires_at > 0;

CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY,
    app_id          TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    request_number  INTEGER NOT NULL REFERENCES approval_requests (number),
    device_id       INTEGER NOT NULL,
    method          TEXT    NOT NULL,
    url             TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER NOT NULL,
    last_error      TEXT    NOT NULL
) STRICT;
CREATE INDEX deliveries_of_request ON deliveries (request_number, device_id);
CREATE INDEX deliveries_scheduled ON deliveries (next_attempt_at) WHERE state = 'pending' AND next_attempt_at > 0;
CREATE INDEX deliveries_on_stream ON deliveries (device_id) WHERE kind = 'push' AND url = '';

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
) STRICT;
CREATE INDEX events_of_request ON events (request_number) WHERE request_number IS NOT NULL;

INSERT INTO sqlite_sequence (name, seq) VALUES ('users', 999), ('devices', 1999999);

-- What the file is, in its header: see migrate.go.
PRAGMA application_id = 1330922312;
PRAGMA user_version = 1;
