package sqlite

import (
	"database/sql"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"arifa/subscriptions"
)

// cache keeps decoded documents by revision: a sheet in every language is large,
// and Expand, Lease and Finish ask for the same few again and again.
type cache struct {
	mu        sync.Mutex
	notices   map[subscriptions.NoticeID]cachedNotice
	incidents map[subscriptions.IncidentID]subscriptions.Incident
	planners  map[subscriptions.NoticeID]*planned
}

type cachedNotice struct {
	notice   subscriptions.Notice
	highHarm []subscriptions.ServiceID
}

// planned is a bulletin with its planner, good for one pair of revisions.
type planned struct {
	*subscriptions.Planner
	b    subscriptions.Bulletin
	view subscriptions.View  // of this notice and its incident alone
	fits *subscriptions.Fits // of this planner
}

const cacheSize = 64

func newCache() *cache {
	c := &cache{}
	c.clear()
	return c
}

func (c *cache) clear() {
	c.notices = map[subscriptions.NoticeID]cachedNotice{}
	c.incidents = map[subscriptions.IncidentID]subscriptions.Incident{}
	c.planners = map[subscriptions.NoticeID]*planned{}
}

// forget drops everything after a transaction that was rolled back: it may have
// read documents that never came to be.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
}

func (c *cache) room() {
	if len(c.notices) > cacheSize || len(c.incidents) > cacheSize || len(c.planners) > cacheSize {
		c.clear()
	}
}

const noticeHead = "n.id, n.revision, n.sequence, n.overtaken, n.expanded_at, n.state, (SELECT count(*) FROM notice k WHERE k.corrects = n.id AND " + corrections + ")"

// corrections are those that are published.
const corrections = "k.corrects > 0 AND k.sequence > 0 AND k.state = 'published'"

// head is what of a notice changes without a new revision.
type head struct {
	id         subscriptions.NoticeID
	revision   int64
	sequence   int64
	overtaken  subscriptions.NoticeID
	expandedAt int64
	state      subscriptions.NoticeState
	corrected  int // by so many published notices
}

func (h *head) into() []any {
	return []any{&h.id, &h.revision, &h.sequence, &h.overtaken, &h.expandedAt, &h.state, &h.corrected}
}

// noticeOf reads one notice, its document from the cache where that is current.
func (s *Store) noticeOf(c *conn, h head) (subscriptions.Notice, []subscriptions.ServiceID, error) {
	s.cache.mu.Lock()
	got, ok := s.cache.notices[h.id]
	s.cache.mu.Unlock()
	if !ok || got.notice.Revision != h.revision {
		var doc, harm string
		if err := c.one("SELECT doc, high_harm FROM notice WHERE id = ?", []any{int64(h.id)}, &doc, &harm); err != nil {
			return subscriptions.Notice{}, nil, err
		}
		got = cachedNotice{highHarm: split[subscriptions.ServiceID](harm)}
		if err := json.Unmarshal([]byte(doc), &got.notice); err != nil {
			return subscriptions.Notice{}, nil, err
		}
		s.cache.mu.Lock()
		s.cache.room()
		s.cache.notices[h.id] = got
		s.cache.mu.Unlock()
	}
	n := got.notice
	n.Overtaken, n.ExpandedAt = h.overtaken, fromMilli(h.expandedAt)
	return n, got.highHarm, nil
}

func (s *Store) heads(c *conn, where string, args ...any) ([]head, error) {
	var out []head
	err := c.each("SELECT "+noticeHead+" FROM notice n "+where, args, func(rs *sql.Rows) error {
		var h head
		err := rs.Scan(h.into()...)
		out = append(out, h)
		return err
	})
	return out, err
}

// notices decodes fresh documents: what leaves the store belongs to the caller,
// who may change it.
func (c *conn) notices(where string, args ...any) ([]subscriptions.Notice, error) {
	var out []subscriptions.Notice
	err := c.each("SELECT "+noticeHead+", n.doc FROM notice n "+where, args, func(rs *sql.Rows) error {
		var h head
		var doc []byte
		var n subscriptions.Notice
		if err := rs.Scan(append(h.into(), &doc)...); err != nil {
			return err
		}
		if err := json.Unmarshal(doc, &n); err != nil {
			return err
		}
		n.Overtaken, n.ExpandedAt = h.overtaken, fromMilli(h.expandedAt)
		out = append(out, n)
		return nil
	})
	return out, err
}

func (c *conn) incidents(where string, args ...any) ([]subscriptions.Incident, error) {
	var out []subscriptions.Incident
	err := c.each("SELECT doc FROM incident "+where, args, func(rs *sql.Rows) error {
		var doc []byte
		var i subscriptions.Incident
		if err := rs.Scan(&doc); err != nil {
			return err
		}
		if err := json.Unmarshal(doc, &i); err != nil {
			return err
		}
		out = append(out, i)
		return nil
	})
	return out, err
}

func (s *Store) incidentOf(c *conn, id subscriptions.IncidentID) (subscriptions.Incident, error) {
	var revision int64
	if err := c.one("SELECT revision FROM incident WHERE id = ?", []any{int64(id)}, &revision); err != nil {
		return subscriptions.Incident{}, err
	}
	s.cache.mu.Lock()
	got, ok := s.cache.incidents[id]
	s.cache.mu.Unlock()
	if ok && got.Revision == revision {
		return got, nil
	}
	var doc string
	if err := c.one("SELECT doc FROM incident WHERE id = ?", []any{int64(id)}, &doc); err != nil {
		return subscriptions.Incident{}, err
	}
	got = subscriptions.Incident{}
	if err := json.Unmarshal([]byte(doc), &got); err != nil {
		return subscriptions.Incident{}, err
	}
	s.cache.mu.Lock()
	s.cache.room()
	s.cache.incidents[id] = got
	s.cache.mu.Unlock()
	return got, nil
}

// planner returns the planning of one published notice, with its incident as it
// is now.
func (s *Store) planner(c *conn, h head) (*planned, error) {
	n, harm, err := s.noticeOf(c, h)
	if err != nil {
		return nil, err
	}
	b := subscriptions.Bulletin{Notice: n, Sequence: h.sequence, HighHarm: harm}
	if n.Incident != 0 {
		if b.Incident, err = s.incidentOf(c, n.Incident); err != nil {
			return nil, err
		}
	}
	if b, err = s.unsaid(c, h, b); err != nil {
		return nil, err
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	p, ok := s.cache.planners[h.id]
	if !ok || b.Alters(p.b) {
		fresh := subscriptions.NewPlanner(b)
		p = &planned{Planner: fresh, fits: subscriptions.NewFits(fresh)}
	}
	p = &planned{Planner: p.Planner, b: b, view: viewOf(b), fits: p.fits}
	s.cache.room()
	s.cache.planners[h.id] = p
	return p, nil
}

// unsaid looks at the corrections of a notice, and at what it corrects itself.
func (s *Store) unsaid(c *conn, h head, b subscriptions.Bulletin) (subscriptions.Bulletin, error) {
	if wrong := b.Notice.Corrects; wrong != 0 {
		err := c.one("SELECT EXISTS (SELECT 1 FROM notice WHERE id = ? AND state = 'published' AND overtaken = 0)", []any{int64(wrong)}, &b.Stops)
		if err != nil {
			return b, err
		}
	}
	if h.corrected == 0 {
		return b, nil
	}
	hs, err := s.heads(c, "WHERE n.id IN (SELECT k.id FROM notice k WHERE k.corrects = ? AND "+corrections+")", int64(b.Notice.ID))
	if err != nil {
		return b, err
	}
	var by []subscriptions.Notice
	for _, h := range hs {
		n, _, err := s.noticeOf(c, h)
		if err != nil {
			return b, err
		}
		by = append(by, n)
	}
	return b.UnsaidBy(by), nil
}

func (s *Store) plannerOf(c *conn, id subscriptions.NoticeID) (*planned, error) {
	hs, err := s.heads(c, "WHERE n.id = ?", int64(id))
	if err != nil {
		return nil, err
	}
	if len(hs) == 0 {
		return nil, subscriptions.ErrNotFound
	}
	return s.planner(c, hs[0])
}

// open reads the notices that may have something to send: published ones that
// are not known to be settled, oldest first.
func (s *Store) openNotices(c *conn) ([]*planned, error) {
	hs, err := s.heads(c, "WHERE n.sequence > 0 AND n.settled = 0 ORDER BY n.sequence")
	if err != nil {
		return nil, err
	}
	var out []*planned
	for _, h := range hs {
		p, err := s.planner(c, h)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// dead says why nothing of the notice is sent any more, if so. It asks the same
// question as the lane does right before a request.
func (p *planned) dead(now time.Time) (subscriptions.SupersededBy, bool) {
	v := p.verdict(nil, now)
	return v.By, !v.Send
}

func (p *planned) verdict(services []subscriptions.ServiceID, now time.Time) subscriptions.Verdict {
	return p.view.StillTrue(subscriptions.Delivery{Notice: p.b.Notice.ID, Services: services}, now)
}

func viewOf(b subscriptions.Bulletin) subscriptions.View {
	v := subscriptions.View{Notices: map[subscriptions.NoticeID]subscriptions.Notice{b.Notice.ID: b.Notice}}
	if b.Incident.ID != 0 {
		v.Incidents = map[subscriptions.IncidentID]subscriptions.Incident{b.Incident.ID: b.Incident}
	}
	return v
}

func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }
