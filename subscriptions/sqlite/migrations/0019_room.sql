-- +goose Up
-- The rows of PostgreSQL get room to grow here. Those of SQLite grow where they are; the
-- number stands here so that both stores have the same.
SELECT 1;
