-- +goose Up
-- Visits of the desk in a browser, by the hash of the token that only the browser
-- has, and the public halves of officers' passkeys.
CREATE TABLE session (
    hash    TEXT PRIMARY KEY,
    data    BLOB NOT NULL,
    ends_at INTEGER NOT NULL
);
CREATE INDEX session_end ON session (ends_at);

CREATE TABLE passkey (
    id         TEXT PRIMARY KEY,
    officer_id INTEGER NOT NULL REFERENCES officer (id),
    name       TEXT NOT NULL,
    doc        BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    revision   INTEGER NOT NULL
);
CREATE INDEX passkey_officer ON passkey (officer_id);
