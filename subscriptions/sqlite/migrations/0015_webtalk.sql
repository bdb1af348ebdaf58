-- +goose Up
-- What browsers are shown in the web chat: our own words only.
CREATE TABLE webtalk (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    address  TEXT NOT NULL,
    key      INTEGER NOT NULL, -- of the channel; 0 = an answer
    body     BLOB NOT NULL,
    reply_to INTEGER NOT NULL,
    silent   INTEGER NOT NULL,
    version  INTEGER NOT NULL, -- of the body
    change   INTEGER NOT NULL, -- of anything
    seen     INTEGER NOT NULL, -- this body is confirmed
    known    INTEGER NOT NULL, -- … or an earlier one
    at       INTEGER NOT NULL
);
CREATE INDEX webtalk_address ON webtalk (address, id);
CREATE UNIQUE INDEX webtalk_key ON webtalk (address, key) WHERE key <> 0;
CREATE UNIQUE INDEX webtalk_change ON webtalk (change);
CREATE INDEX webtalk_at ON webtalk (at);

-- The one clock of all talks: never goes back, whatever is removed.
CREATE TABLE webtalk_clock (change INTEGER NOT NULL);
INSERT INTO webtalk_clock (change) VALUES (0);
