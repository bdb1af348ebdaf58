-- +goose Up
-- The truth about deliveries: one row a notice and recipient. Lists of services
-- are joined by commas, '' = empty.
CREATE TABLE delivery (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    notice_id     INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    incident_id   INTEGER NOT NULL,
    round         INTEGER NOT NULL,
    kind          TEXT NOT NULL, -- of the notice
    recipient_id  INTEGER NOT NULL,
    lane          TEXT NOT NULL,
    state         TEXT NOT NULL,
    by            TEXT NOT NULL,
    mode          TEXT NOT NULL,
    rank          INTEGER NOT NULL,
    class         INTEGER NOT NULL,
    asked         INTEGER NOT NULL,
    carried       INTEGER NOT NULL, -- it took over what an older row had still to say
    services      TEXT NOT NULL,
    ends          TEXT NOT NULL,
    more          TEXT NOT NULL,
    left_services TEXT NOT NULL,
    told          INTEGER NOT NULL, -- 0 no, 1 perhaps, 2 surely
    owed          TEXT NOT NULL,
    lease_fence   INTEGER NOT NULL,
    lease_until   INTEGER NOT NULL, -- 0 = not leased
    attempt       INTEGER NOT NULL,
    repeat        INTEGER NOT NULL,
    next_at       INTEGER NOT NULL, -- 0 = due
    message       TEXT NOT NULL,
    message_at    INTEGER NOT NULL,
    sent_at       INTEGER NOT NULL,
    reason        TEXT NOT NULL,
    UNIQUE (notice_id, recipient_id)
);
-- What a lane may take next, in its order; a row in flight or waiting for its
-- time does not stand in the way.
CREATE INDEX delivery_due ON delivery (notice_id, lane, rank, class, id)
    WHERE state = 'pending' AND lease_until = 0 AND next_at = 0;
CREATE INDEX delivery_later ON delivery (lane, next_at)
    WHERE state = 'pending' AND lease_until = 0 AND next_at > 0;
CREATE INDEX delivery_leased ON delivery (lane, lease_until) WHERE lease_until > 0;
CREATE INDEX delivery_recipient ON delivery (recipient_id, incident_id);
CREATE INDEX delivery_carried ON delivery (id) WHERE state = 'superseded' AND carried = 1;
CREATE INDEX delivery_state ON delivery (notice_id, state);

-- What was erased or grew old stays as counts.
CREATE TABLE delivery_count (
    notice_id INTEGER NOT NULL,
    lane      TEXT NOT NULL,
    state     TEXT NOT NULL,
    by        TEXT NOT NULL,
    mode      TEXT NOT NULL,
    n         INTEGER NOT NULL,
    PRIMARY KEY (notice_id, lane, state, by, mode)
) WITHOUT ROWID;

-- When a lane sent the first and the last of a notice.
CREATE TABLE notice_sent (
    notice_id INTEGER NOT NULL,
    lane      TEXT NOT NULL,
    first_at  INTEGER NOT NULL,
    last_at   INTEGER NOT NULL,
    PRIMARY KEY (notice_id, lane)
) WITHOUT ROWID;
