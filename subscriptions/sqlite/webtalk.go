package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"slices"
	"time"

	"arifa/subscriptions"
)

const webColumns = "id, address, key, body, reply_to, silent, version, change, seen, known, at"

func scanUtterance(scan func(...any) error) (u subscriptions.Utterance, err error) {
	var address string
	var silent, seen, known int
	var at int64
	err = scan(&u.ID, &address, &u.Key, &u.Body, &u.ReplyTo, &silent, &u.Version, &u.Change, &seen, &known, &at)
	u.Address, u.Silent, u.Seen, u.Known, u.At = subscriptions.AddressOf(address), silent == 1, seen == 1, known == 1, fromMilli(at)
	return u, err
}

func (c *conn) utterances(where string, args ...any) (out []subscriptions.Utterance, err error) {
	err = c.each("SELECT "+webColumns+" FROM webtalk "+where, args, func(rs *sql.Rows) error {
		u, err := scanUtterance(rs.Scan)
		out = append(out, u)
		return err
	})
	return out, err
}

// nextChange moves the clock of all talks.
func (c *conn) nextChange() (n int64, err error) {
	if _, err = c.exec("UPDATE webtalk_clock SET change = change + 1"); err != nil {
		return 0, err
	}
	return n, c.one("SELECT change FROM webtalk_clock", nil, &n)
}

// PutUtterance implements subscriptions.WebTalk.
func (s *Store) PutUtterance(ctx context.Context, u subscriptions.Utterance) (out subscriptions.Utterance, err error) {
	err = s.update(ctx, "put an utterance", func(c *conn) error {
		var known []subscriptions.Utterance
		if u.Key != 0 {
			if known, err = c.utterances("WHERE address = ? AND key = ?", u.Address.Reveal(), u.Key); err != nil {
				return err
			}
		}
		if len(known) > 0 && known[0].Seen {
			out = known[0]
			return nil
		}
		change, err := c.nextChange()
		if err != nil {
			return err
		}
		out = u
		out.Version, out.Change, out.Seen, out.At = change, change, false, cut(u.At)
		if len(known) > 0 {
			out.ID = known[0].ID
			_, err = c.exec("UPDATE webtalk SET body = ?, version = ?, change = ?, at = ? WHERE id = ?", u.Body, change, change, milli(u.At), out.ID)
			return err
		}
		out.ID, err = c.insert("INSERT INTO webtalk (address, key, body, reply_to, silent, version, change, seen, known, at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, ?)",
			u.Address.Reveal(), u.Key, u.Body, u.ReplyTo, flag(u.Silent), change, change, milli(u.At))
		if err != nil {
			return err
		}
		_, err = c.exec("DELETE FROM webtalk WHERE address = ?1 AND id <= (SELECT id FROM webtalk WHERE address = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
			u.Address.Reveal(), subscriptions.MostUtterances)
		return err
	})
	return out, err
}

// ReplaceUtterance implements subscriptions.WebTalk.
func (s *Store) ReplaceUtterance(ctx context.Context, a subscriptions.Address, id int64, body []byte, at time.Time) (out subscriptions.Utterance, err error) {
	err = s.update(ctx, "replace an utterance", func(c *conn) error {
		known, err := c.utterances("WHERE address = ? AND id = ?", a.Reveal(), id)
		if err != nil || len(known) == 0 {
			return orNotFound(err)
		}
		if out = known[0]; bytes.Equal(out.Body, body) {
			return nil
		}
		change, err := c.nextChange()
		if err != nil {
			return err
		}
		out.Body, out.Version, out.Change, out.Seen, out.At = body, change, change, false, cut(at)
		_, err = c.exec("UPDATE webtalk SET body = ?, version = ?, change = ?, seen = 0, at = ? WHERE id = ?", body, change, change, milli(at), id)
		return err
	})
	return out, err
}

// Utterances implements subscriptions.WebTalk.
func (s *Store) Utterances(ctx context.Context, a subscriptions.Address, limit int) (out []subscriptions.Utterance, err error) {
	err = s.view(ctx, "list utterances", func(c *conn) error {
		out, err = c.utterances("WHERE address = ? ORDER BY id DESC LIMIT ?", a.Reveal(), limit)
		slices.Reverse(out)
		return err
	})
	return out, err
}

// UtteranceChanges implements subscriptions.WebTalk.
func (s *Store) UtteranceChanges(ctx context.Context, after int64, limit int) (out []subscriptions.Utterance, err error) {
	err = s.view(ctx, "list changed utterances", func(c *conn) error {
		out, err = c.utterances("WHERE change > ? ORDER BY change LIMIT ?", after, limit)
		return err
	})
	return out, err
}

// LastUtteranceChange implements subscriptions.WebTalk.
func (s *Store) LastUtteranceChange(ctx context.Context) (n int64, err error) {
	err = s.view(ctx, "read the clock of talks", func(c *conn) error {
		return c.one("SELECT change FROM webtalk_clock", nil, &n)
	})
	return n, err
}

// SeenUtterances implements subscriptions.WebTalk.
func (s *Store) SeenUtterances(ctx context.Context, a subscriptions.Address, versions []int64) error {
	return s.update(ctx, "note what was seen", func(c *conn) error {
		fresh, err := c.utterances("WHERE address = ? AND seen = 0 AND version IN (SELECT value FROM json_each(?)) ORDER BY id", a.Reveal(), ids(versions))
		if err != nil {
			return err
		}
		for _, u := range fresh {
			change, err := c.nextChange()
			if err != nil {
				return err
			}
			if _, err := c.exec("UPDATE webtalk SET seen = 1, known = 1, change = ? WHERE id = ?", change, u.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropUtterance implements subscriptions.WebTalk.
func (s *Store) DropUtterance(ctx context.Context, a subscriptions.Address, id int64) (dropped bool, err error) {
	err = s.update(ctx, "drop an utterance", func(c *conn) error {
		n, err := c.exec("DELETE FROM webtalk WHERE address = ? AND id = ? AND known = 0", a.Reveal(), id)
		dropped = n > 0
		return err
	})
	return dropped, err
}

// eraseTalk removes the talk of a browser that is a recipient.
func (c *conn) eraseTalk(id subscriptions.RecipientID) error {
	_, err := c.exec("DELETE FROM webtalk WHERE address = (SELECT address FROM recipient WHERE id = ? AND lane = ?)", int64(id), string(subscriptions.WebLane))
	return err
}

func retainTalks(c *conn, now time.Time) (int, error) {
	return c.exec(`DELETE FROM webtalk WHERE id IN (SELECT w.id FROM webtalk w WHERE w.at < ?1
		OR w.at < ?2 AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.lane = ?3 AND r.address = w.address) LIMIT ?4)`,
		milli(now.Add(-subscriptions.UtteranceFor)), milli(now.Add(-subscriptions.StrangeUtterFor)), string(subscriptions.WebLane), retainPage)
}
