-- +goose Up
CREATE TABLE inbox (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    lane    TEXT NOT NULL,
    id      INTEGER NOT NULL,
    chat    TEXT NOT NULL,
    body    BLOB,
    at      INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    state   TEXT NOT NULL, -- waiting, done, dead
    done_at INTEGER NOT NULL,
    reason  TEXT NOT NULL,
    UNIQUE (lane, id)
);
CREATE INDEX inbox_waiting ON inbox (lane, seq) WHERE state = 'waiting';
CREATE INDEX inbox_chat ON inbox (lane, chat, seq) WHERE state = 'waiting';
CREATE INDEX inbox_dead ON inbox (lane) WHERE state = 'dead';
CREATE INDEX inbox_done ON inbox (done_at) WHERE state = 'done';

-- Outlives the housekeeping of inbox.
CREATE TABLE inbox_highest (
    lane TEXT PRIMARY KEY,
    id   INTEGER NOT NULL
);

CREATE TABLE tick (
    job TEXT NOT NULL,
    at  INTEGER NOT NULL,
    PRIMARY KEY (job, at)
) WITHOUT ROWID;

CREATE TABLE audit (
    seq       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    officer   INTEGER NOT NULL,
    agency    TEXT NOT NULL,
    action    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    outcome   TEXT NOT NULL,
    rule      TEXT NOT NULL,
    detail    TEXT NOT NULL,
    via       TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash      TEXT NOT NULL
);
-- The record is append-only for every program that goes through the database.
-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;
-- +goose StatementEnd
