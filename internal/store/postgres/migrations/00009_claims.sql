-- +goose Up

-- Who sends what is owed, and what each has taken upon itself to send. Both come and go with processes, and are no part of what
-- is copied. A number is that of an advisory lock too, which ends with its process.
CREATE SEQUENCE delivery_claimant_numbers AS INTEGER;
CREATE TABLE delivery_claimants (
    number  BIGINT PRIMARY KEY,
    ends_at BIGINT NOT NULL -- unless it is renewed, by the clock of the database
);
CREATE TABLE delivery_claims (
    delivery_id BIGINT PRIMARY KEY,
    claimant    BIGINT NOT NULL
);
