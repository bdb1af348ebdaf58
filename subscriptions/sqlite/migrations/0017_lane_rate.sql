-- +goose Up
-- What an operator set while the service runs; 0 = as the settings say.
ALTER TABLE lane ADD COLUMN rate REAL NOT NULL DEFAULT 0;
