-- +goose Up
-- A broadcast touches as few pages as it can. The rows of a page of Expand stand
-- in a span: a stretch of ids with one place in the lane's order, from which
-- Lease takes without any index; and what one Lease took is one claim, not a
-- mark on each row. A row that does not stand in a span any more, because it was
-- changed, given back or written alone, waits by itself, as all did before.
--
-- placed = 1: it stands in a span or is done with; 0: where it is pending it waits
-- by itself. Rows of the release before have 0 and are found as they were.
ALTER TABLE delivery ADD COLUMN placed INTEGER NOT NULL DEFAULT 0;

DROP INDEX delivery_due;
DROP INDEX delivery_state;
CREATE INDEX delivery_due ON delivery (notice_id, lane, rank, class, id)
    WHERE state = 'pending' AND placed = 0 AND lease_until = 0 AND next_at = 0;
CREATE INDEX delivery_alone ON delivery (notice_id, lease_until)
    WHERE state = 'pending' AND placed = 0;

CREATE TABLE span (
    id        INTEGER PRIMARY KEY,
    notice_id INTEGER NOT NULL,
    sequence  INTEGER NOT NULL,
    lane      TEXT NOT NULL,
    rank      INTEGER NOT NULL,
    class     INTEGER NOT NULL,
    next_id   INTEGER NOT NULL, -- the first that is not taken yet
    last_id   INTEGER NOT NULL
);
CREATE INDEX span_order ON span (lane, rank, class, sequence, id);
CREATE INDEX span_notice ON span (notice_id);

-- The rows in flight that stood in spans, a few hundred in each: ids as the first
-- one and the distances to the next, as unsigned varints.
CREATE TABLE claim (
    id        INTEGER PRIMARY KEY,
    lane      TEXT NOT NULL,
    fence     INTEGER NOT NULL,
    until     INTEGER NOT NULL,
    notice_id INTEGER NOT NULL,
    sequence  INTEGER NOT NULL,
    rows      BLOB NOT NULL
);

-- The release before knows nothing of spans: a row that it takes out of its place
-- waits by itself from then on.
-- +goose StatementBegin
CREATE TRIGGER delivery_displaced AFTER UPDATE OF lease_until, next_at, rank, class ON delivery
WHEN OLD.placed = 1 AND NEW.placed = 1 AND NEW.state = 'pending'
BEGIN
    UPDATE delivery SET placed = 0 WHERE id = NEW.id;
END;
-- +goose StatementEnd
