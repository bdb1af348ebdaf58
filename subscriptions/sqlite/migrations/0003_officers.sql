-- +goose Up
-- Who may act. The document holds name, roles, duty and the shared secret of the
-- six digits.
CREATE TABLE officer (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    revision  INTEGER NOT NULL,
    last_code INTEGER NOT NULL, -- the last used time step of the six digits
    doc       TEXT NOT NULL
);

CREATE TABLE identity (
    provider   TEXT NOT NULL,
    subject    TEXT NOT NULL,
    officer_id INTEGER NOT NULL REFERENCES officer (id),
    PRIMARY KEY (provider, subject)
);
CREATE INDEX identity_officer ON identity (officer_id);

CREATE TABLE link_code (
    hash       TEXT PRIMARY KEY,
    officer_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);
