-- +goose Up
-- The catalogue in force, what waits for two officers, and ready ways.
-- Times everywhere are milliseconds since 1970 in UTC; 0 means "none".
CREATE TABLE meta (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    generation INTEGER NOT NULL, -- raised by every commit of the desk
    sequence   INTEGER NOT NULL, -- of the last published notice
    held       INTEGER NOT NULL  -- serve --hold: no lane sends
);
INSERT INTO meta (id, generation, sequence, held) VALUES (1, 1, 0, 0);

CREATE TABLE catalogue (
    revision INTEGER PRIMARY KEY,
    yaml     BLOB NOT NULL,
    at       INTEGER NOT NULL
);

CREATE TABLE registry_change (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    revision    INTEGER NOT NULL,
    state       TEXT NOT NULL,
    agency      TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    doc         TEXT NOT NULL
);

CREATE TABLE ready_way (
    alternative TEXT NOT NULL,
    agency      TEXT NOT NULL,
    revision    INTEGER NOT NULL,
    doc         TEXT NOT NULL,
    PRIMARY KEY (alternative, agency)
);
