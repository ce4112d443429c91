-- +goose Up

-- Lists of one application, and of what is rare, find it among a million of others. What most changes write has no further index.
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

-- What the file is, in its header: see migrate.go.
PRAGMA user_version = 10;
