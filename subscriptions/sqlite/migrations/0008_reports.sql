-- +goose Up
-- What citizens complain of: leads, never notices. A source is a digest made with
-- the key below; no address stands beside what somebody said.
CREATE TABLE source_key (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    key BLOB NOT NULL
);

CREATE TABLE report (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    source       TEXT NOT NULL,    -- '' a day later
    recipient_id INTEGER NOT NULL, -- who may be asked later; 0 = nobody, or forgotten
    grp          INTEGER NOT NULL, -- the source is a group
    fresh        INTEGER NOT NULL, -- the source was new to us
    service      TEXT NOT NULL,
    tried        TEXT NOT NULL,
    county       TEXT NOT NULL,
    text         TEXT NOT NULL,    -- for officers, a week at most
    at           INTEGER NOT NULL,
    counted      INTEGER NOT NULL  -- it is in hour_count
);
CREATE INDEX report_at ON report (at);
CREATE INDEX report_source ON report (source, service, at) WHERE source <> '';
CREATE INDEX report_recipient ON report (recipient_id) WHERE recipient_id > 0;

CREATE TABLE ask (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    source  TEXT NOT NULL,
    grp     INTEGER NOT NULL,
    fresh   INTEGER NOT NULL,
    service TEXT NOT NULL,
    at      INTEGER NOT NULL
);
CREATE INDEX ask_at ON ask (at);
CREATE INDEX ask_source ON ask (source, service, at);

-- How many sources complained within an hour of the clock: the usual level.
CREATE TABLE hour_count (
    hour    INTEGER NOT NULL,
    service TEXT NOT NULL,
    reports INTEGER NOT NULL,
    asks    INTEGER NOT NULL,
    PRIMARY KEY (hour, service)
) WITHOUT ROWID;
