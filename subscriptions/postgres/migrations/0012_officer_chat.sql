-- +goose Up
-- Officers' chats with the desk: locked or open, and what is asked there.
CREATE TABLE officer_chat (
    provider text   NOT NULL,
    subject  text   NOT NULL,
    revision bigint NOT NULL,
    doc      json   NOT NULL,
    PRIMARY KEY (provider, subject)
);

-- What the buttons of a card do.
CREATE TABLE officer_card (
    provider text  NOT NULL,
    subject  text  NOT NULL,
    token    text  NOT NULL,
    at       timestamptz,
    doc      bytea NOT NULL,
    PRIMARY KEY (provider, subject, token)
);
