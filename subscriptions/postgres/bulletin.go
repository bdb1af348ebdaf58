package postgres

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"arifa/subscriptions"
)

// cache keeps decoded documents by revision: a sheet in every language is large,
// and Expand, Lease and Finish ask for the same few again and again. Only what is
// committed gets in: Commit, the one that writes documents, does not read it.
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

func (c *cache) room() {
	if len(c.notices) > cacheSize || len(c.incidents) > cacheSize || len(c.planners) > cacheSize {
		c.clear()
	}
}

// head is what of a notice changes without a new revision, and the revisions of
// what it needs.
type head struct {
	id         subscriptions.NoticeID
	revision   int64
	sequence   int64
	overtaken  subscriptions.NoticeID
	expandedAt time.Time
	incident   subscriptions.IncidentID
	incidentAt int64 // revision of the incident
	corrected  int   // by so many published notices
}

const headColumns = "n.id, n.revision, n.sequence, n.overtaken, n.expanded_at, n.incident_id, coalesce(i.revision, 0), (SELECT count(*) FROM notice k WHERE k.corrects = n.id AND " + corrections + ")"

// corrections are those that are published.
const corrections = "k.corrects > 0 AND k.sequence > 0 AND k.state = 'published'"

const headTables = " FROM notice n LEFT JOIN incident i ON i.id = n.incident_id "

func scanHead(r pgx.Row) (head, error) {
	var h head
	err := r.Scan(&h.id, &h.revision, &h.sequence, &h.overtaken, (*when)(&h.expandedAt), &h.incident, &h.incidentAt, &h.corrected)
	return h, err
}

// notices decodes fresh documents: what leaves the store belongs to the caller,
// who may change it.
func notices(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]subscriptions.Notice, error) {
	return all(ctx, tx, func(r pgx.Row) (subscriptions.Notice, error) {
		var n subscriptions.Notice
		var overtaken subscriptions.NoticeID
		var expanded time.Time
		var doc string
		if err := r.Scan(&overtaken, (*when)(&expanded), &doc); err != nil {
			return n, err
		}
		err := json.Unmarshal([]byte(doc), &n)
		n.Overtaken, n.ExpandedAt = overtaken, expanded
		return n, err
	}, "SELECT n.overtaken, n.expanded_at, n.doc FROM notice n "+where, args...)
}

func incidents(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]subscriptions.Incident, error) {
	return all(ctx, tx, scanDoc[subscriptions.Incident], "SELECT doc FROM incident "+where, args...)
}

// noticeOf reads one notice, its document from the cache where that is current.
func (s *Store) noticeOf(ctx context.Context, tx pgx.Tx, h head) (subscriptions.Notice, []subscriptions.ServiceID, error) {
	s.cache.mu.Lock()
	got, ok := s.cache.notices[h.id]
	s.cache.mu.Unlock()
	if !ok || got.notice.Revision != h.revision {
		var doc, harm string
		if err := tx.QueryRow(ctx, "SELECT doc, high_harm FROM notice WHERE id = $1", int64(h.id)).Scan(&doc, &harm); err != nil {
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
	n.Overtaken, n.ExpandedAt = h.overtaken, h.expandedAt
	return n, got.highHarm, nil
}

func (s *Store) incidentOf(ctx context.Context, tx pgx.Tx, id subscriptions.IncidentID, revision int64) (subscriptions.Incident, error) {
	s.cache.mu.Lock()
	got, ok := s.cache.incidents[id]
	s.cache.mu.Unlock()
	if ok && got.Revision == revision {
		return got, nil
	}
	got, err := scanDoc[subscriptions.Incident](tx.QueryRow(ctx, "SELECT doc FROM incident WHERE id = $1", int64(id)))
	if err != nil {
		return got, err
	}
	s.cache.mu.Lock()
	s.cache.room()
	s.cache.incidents[id] = got
	s.cache.mu.Unlock()
	return got, nil
}

// planner returns the planning of one published notice, with its incident as it
// is now.
func (s *Store) planner(ctx context.Context, tx pgx.Tx, h head) (*planned, error) {
	n, harm, err := s.noticeOf(ctx, tx, h)
	if err != nil {
		return nil, err
	}
	b := subscriptions.Bulletin{Notice: n, Sequence: h.sequence, HighHarm: harm}
	if h.incident != 0 {
		if b.Incident, err = s.incidentOf(ctx, tx, h.incident, h.incidentAt); err != nil {
			return nil, err
		}
	}
	if b, err = s.unsaid(ctx, tx, h, b); err != nil {
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
func (s *Store) unsaid(ctx context.Context, tx pgx.Tx, h head, b subscriptions.Bulletin) (subscriptions.Bulletin, error) {
	if wrong := b.Notice.Corrects; wrong != 0 {
		err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM notice WHERE id = $1 AND state = 'published' AND overtaken = 0)", int64(wrong)).Scan(&b.Stops)
		if err != nil {
			return b, err
		}
	}
	if h.corrected == 0 {
		return b, nil
	}
	heads, err := all(ctx, tx, scanHead, "SELECT "+headColumns+headTables+"WHERE n.id IN (SELECT k.id FROM notice k WHERE k.corrects = $1 AND "+corrections+")", int64(b.Notice.ID))
	if err != nil {
		return b, err
	}
	var by []subscriptions.Notice
	for _, h := range heads {
		n, _, err := s.noticeOf(ctx, tx, h)
		if err != nil {
			return b, err
		}
		by = append(by, n)
	}
	return b.UnsaidBy(by), nil
}

// planners reads the planning of the published notices that where names.
func (s *Store) planners(ctx context.Context, tx pgx.Tx, where string, args ...any) ([]*planned, error) {
	heads, err := all(ctx, tx, scanHead, "SELECT "+headColumns+headTables+where, args...)
	if err != nil {
		return nil, err
	}
	var out []*planned
	for _, h := range heads {
		p, err := s.planner(ctx, tx, h)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// openNotices reads the notices that may have something to send: published ones
// that are not known to be settled, oldest first.
func (s *Store) openNotices(ctx context.Context, tx pgx.Tx) ([]*planned, error) {
	return s.planners(ctx, tx, "WHERE n.sequence > 0 AND NOT n.settled ORDER BY n.sequence")
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
