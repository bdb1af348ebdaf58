-- +goose Up
-- Whom the silence woke, and what they answered.
CREATE TABLE alarm (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL,
    live     INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    doc      TEXT NOT NULL
);
CREATE INDEX alarm_live ON alarm (id) WHERE live = 1;
CREATE INDEX alarm_ended ON alarm (ended_at) WHERE live = 0;

-- One live alarm for a platform, or for a service that none explains.
CREATE TABLE live_alarm (
    subject  TEXT PRIMARY KEY, -- a scope
    alarm_id INTEGER NOT NULL REFERENCES alarm (id)
);
CREATE INDEX live_alarm_alarm ON live_alarm (alarm_id);
