-- +goose Up
-- The outbox of officers' wake-ups: each event once, with its calls.
CREATE TABLE officer_event (
    event TEXT PRIMARY KEY,
    at    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX officer_event_at ON officer_event (at);

CREATE TABLE officer_call (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    event       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    about       TEXT NOT NULL,
    facts       BLOB NOT NULL,
    officer_id  INTEGER NOT NULL,
    provider    TEXT NOT NULL,
    subject     TEXT NOT NULL,
    live        INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    message     TEXT NOT NULL,
    shown       TEXT NOT NULL,
    sent_at     INTEGER NOT NULL,
    seen_at     INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL,
    ending      TEXT NOT NULL
);
CREATE INDEX officer_call_event ON officer_call (event);
CREATE INDEX officer_call_about ON officer_call (about, id);
CREATE INDEX officer_call_due ON officer_call (provider, live, id) WHERE ended_at = 0;
