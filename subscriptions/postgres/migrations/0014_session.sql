-- +goose Up
-- Visits of the desk in a browser, by the hash of the token that only the browser
-- has, and the public halves of officers' passkeys.
CREATE TABLE session (
    hash    text  PRIMARY KEY,
    data    bytea NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX session_end ON session (ends_at);

CREATE TABLE passkey (
    id         text   PRIMARY KEY,
    officer_id bigint NOT NULL REFERENCES officer (id),
    name       text   NOT NULL,
    doc        bytea  NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz,
    revision   bigint NOT NULL
);
CREATE INDEX passkey_officer ON passkey (officer_id);
