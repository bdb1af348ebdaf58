-- +goose Up
-- Who was asked "is it working for you?", once in a round, and what they said.
CREATE TABLE sample (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id  INTEGER NOT NULL,
    round        INTEGER NOT NULL,
    recipient_id INTEGER NOT NULL, -- 0 = forgotten, or long ago: the answer stays
    lane         TEXT NOT NULL,
    service      TEXT NOT NULL,
    reported     INTEGER NOT NULL, -- picked because of a report, not as a follower
    picked_at    INTEGER NOT NULL,
    asked_at     INTEGER NOT NULL,
    works        INTEGER NOT NULL,
    tried        TEXT NOT NULL,
    answered_at  INTEGER NOT NULL
);
CREATE UNIQUE INDEX sample_once ON sample (incident_id, round, recipient_id) WHERE recipient_id > 0;
CREATE INDEX sample_due ON sample (lane, id) WHERE asked_at = 0 AND recipient_id > 0;
CREATE INDEX sample_round ON sample (incident_id, round);
CREATE INDEX sample_recipient ON sample (recipient_id) WHERE recipient_id > 0;
