-- +goose Up

-- Lists of one application, and of what is rare, find it among a million of others. What most changes write has no further index.
CREATE INDEX deliveries_failed ON deliveries (state, id) WHERE state = 'failed';
CREATE INDEX deliveries_of_rare_kinds ON deliveries (kind, id) WHERE kind NOT IN ('push', 'callback');
CREATE INDEX deliveries_of_no_request ON deliveries (app_id, id) WHERE request_number IS NULL;
CREATE INDEX events_of_rare_types ON events (type, sequence)
    WHERE type NOT IN ('one_touch_request_created', 'one_touch_request_responded', 'push_sent', 'callback_sent');
CREATE INDEX events_of_no_request ON events (app_id, sequence) WHERE request_number IS NULL;
CREATE INDEX events_of_user ON events (authy_id, sequence) WHERE request_number IS NULL AND authy_id > 0;
CREATE INDEX messages_of_application ON messages (app_id, id);
CREATE INDEX activities_of_application ON activities (app_id, id);
CREATE INDEX devices_of_application ON devices (app_id, factor_type, id) WHERE removed_at = 0;
