-- +goose Up
-- What machines say of platforms: leads as well.
CREATE TABLE signal (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    source   TEXT NOT NULL,
    key      TEXT NOT NULL,
    platform TEXT NOT NULL,
    firing   INTEGER NOT NULL,
    summary  TEXT NOT NULL, -- for officers
    since    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    UNIQUE (source, key)
);
CREATE INDEX signal_firing ON signal (id) WHERE firing = 1;
CREATE INDEX signal_ended ON signal (ended_at) WHERE firing = 0;
