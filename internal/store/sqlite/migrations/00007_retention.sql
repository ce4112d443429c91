-- +goose Up

-- An event that is removed is looked for among what webhooks were told.
CREATE INDEX deliveries_of_event ON deliveries (event_sequence) WHERE event_sequence IS NOT NULL;

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 7;
