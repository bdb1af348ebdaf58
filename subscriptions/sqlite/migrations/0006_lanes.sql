-- +goose Up
CREATE TABLE lane (
    id           TEXT PRIMARY KEY,
    owner        TEXT NOT NULL,
    fence        INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    paused_until INTEGER NOT NULL,
    paused_why   TEXT NOT NULL
);
