-- +goose Up
CREATE TABLE lane (
    id           text PRIMARY KEY,
    owner        text   NOT NULL,
    fence        bigint NOT NULL,
    until        timestamptz,
    paused_until timestamptz,
    paused_why   text   NOT NULL
);
