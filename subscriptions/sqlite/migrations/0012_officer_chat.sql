-- +goose Up
-- Officers' chats with the desk: locked or open, and what is asked there.
CREATE TABLE officer_chat (
    provider TEXT NOT NULL,
    subject  TEXT NOT NULL,
    revision INTEGER NOT NULL,
    doc      TEXT NOT NULL,
    PRIMARY KEY (provider, subject)
) WITHOUT ROWID;

-- What the buttons of a card do.
CREATE TABLE officer_card (
    provider TEXT NOT NULL,
    subject  TEXT NOT NULL,
    token    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    doc      BLOB NOT NULL,
    PRIMARY KEY (provider, subject, token)
) WITHOUT ROWID;
