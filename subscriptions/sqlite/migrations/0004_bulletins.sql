-- +goose Up
-- Incidents and notices: frozen documents, and a column for all that is asked of
-- the database.
CREATE TABLE incident (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    revision  INTEGER NOT NULL,
    live      INTEGER NOT NULL,
    round     INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    ended_at  INTEGER NOT NULL,
    doc       TEXT NOT NULL
);
CREATE INDEX incident_live ON incident (id) WHERE live = 1;
CREATE INDEX incident_ended ON incident (ended_at);

-- One live incident a platform.
CREATE TABLE live_platform (
    platform    TEXT PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incident (id)
);
CREATE INDEX live_platform_incident ON live_platform (incident_id);

CREATE TABLE notice (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    key          TEXT UNIQUE, -- NULL until it has a number
    short_key    TEXT,
    incident_id  INTEGER NOT NULL, -- 0 = none
    round        INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    agency       TEXT NOT NULL,
    state        TEXT NOT NULL,
    revision     INTEGER NOT NULL,
    sequence     INTEGER NOT NULL, -- order of publication, 0 = not published
    rank         INTEGER NOT NULL, -- for the order of expansion
    corrects     INTEGER NOT NULL,
    overtaken    INTEGER NOT NULL, -- by this notice
    published_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    expanded_at  INTEGER NOT NULL,
    settled      INTEGER NOT NULL, -- 1 = dead, and no row of it waits
    cursor       TEXT NOT NULL,    -- JSON: how far it is expanded
    high_harm    TEXT NOT NULL,    -- services joined by commas
    doc          TEXT NOT NULL
);
CREATE INDEX notice_short ON notice (short_key);
CREATE INDEX notice_incident ON notice (incident_id);
CREATE INDEX notice_corrects ON notice (corrects) WHERE corrects > 0;
CREATE INDEX notice_open ON notice (id) WHERE sequence > 0 AND settled = 0;

CREATE TABLE notice_scope (
    notice_id INTEGER NOT NULL REFERENCES notice (id),
    scope     TEXT NOT NULL,
    services  TEXT NOT NULL, -- joined by commas
    PRIMARY KEY (notice_id, scope)
) WITHOUT ROWID;

CREATE TABLE notice_day (
    day  TEXT PRIMARY KEY, -- "2025-0103"
    last INTEGER NOT NULL
);

-- Answers of commits that carry an idempotency key.
CREATE TABLE request (
    key    TEXT PRIMARY KEY,
    at     INTEGER NOT NULL,
    answer TEXT NOT NULL
);
CREATE INDEX request_at ON request (at);
