-- +goose Up
-- Who follows what. The address is a citizen's: it never leaves this file but to
-- its own lane.
CREATE TABLE recipient (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    lane       TEXT NOT NULL,
    address    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    language   TEXT NOT NULL,
    languages  TEXT NOT NULL, -- joined by commas, '' = every language
    title      TEXT NOT NULL,
    silent     INTEGER NOT NULL,
    talk       TEXT NOT NULL, -- JSON
    asked_at   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    gone_at    INTEGER NOT NULL,
    idle_at    INTEGER NOT NULL, -- since when it follows nothing; 0 = it follows
    UNIQUE (lane, address)
);
CREATE INDEX recipient_post ON recipient (id) WHERE kind <> 'person';
CREATE INDEX recipient_asked ON recipient (asked_at) WHERE asked_at > 0;

CREATE TABLE follow (
    recipient_id INTEGER NOT NULL REFERENCES recipient (id) ON DELETE CASCADE,
    scope        TEXT NOT NULL,
    incident_id  INTEGER NOT NULL, -- 0 = a follow, else a watch
    until        INTEGER NOT NULL,
    since        INTEGER NOT NULL,
    consent      TEXT NOT NULL,
    PRIMARY KEY (recipient_id, scope, incident_id)
) WITHOUT ROWID;
CREATE INDEX follow_scope ON follow (scope, recipient_id);
CREATE INDEX follow_until ON follow (until) WHERE until > 0;
CREATE INDEX follow_incident ON follow (incident_id) WHERE incident_id > 0;
