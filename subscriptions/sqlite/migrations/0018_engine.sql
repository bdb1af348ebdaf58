-- +goose Up
-- Where the database was when it was served last; '' = never, or by the release
-- before. A copy lies elsewhere, and is held until an operator has looked.
ALTER TABLE meta ADD COLUMN home TEXT NOT NULL DEFAULT '';
