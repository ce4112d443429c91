-- +goose Up

-- The host and port of the URL. What is due is read receiver by receiver, so that a heap at one does not hide the others.
ALTER TABLE deliveries ADD COLUMN receiver TEXT NOT NULL DEFAULT '';
-- What was said at an attempt beside the answer's status and body, as a JSON object; empty when nothing was.
ALTER TABLE attempts ADD COLUMN exchange TEXT NOT NULL DEFAULT '';

-- A URL stands for its host, which only groups what was owed before.
UPDATE deliveries SET receiver = url WHERE state = 'pending' AND next_attempt_at > 0;
DROP INDEX deliveries_scheduled;
CREATE INDEX deliveries_scheduled ON deliveries (receiver, next_attempt_at)
    WHERE state = 'pending' AND next_attempt_at > 0;

-- What a delivery says that does not say what its kind always says: a test call, or one that is sent again by hand.
CREATE TABLE delivery_contents (
    delivery_id INTEGER PRIMARY KEY REFERENCES deliveries (id),
    replay_of   INTEGER REFERENCES deliveries (id),
    payload     TEXT    NOT NULL,
    nonce       TEXT    NOT NULL, -- empty: the time of sending
    signature   TEXT    NOT NULL  -- empty: made when it is sent
) STRICT;
CREATE INDEX delivery_contents_of_replays ON delivery_contents (replay_of) WHERE replay_of IS NOT NULL;

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 4;
