package statuspage

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"arifa/subscriptions"
)

// What an edition holds: history of the bars, and the newest notices for the feeds.
const (
	historyDays = 90
	mostNotices = 1000
)

// How often the store is asked whether anything is new, and how often for what has
// no generation.
const (
	editionEvery = 250 * time.Millisecond
	slowEvery    = 5 * time.Second
	storeLimit   = 5 * time.Second
)

// edition is everything that pages are made of, as it was read from the store: it
// never changes, and a page is made once an edition. A new one is made when
// something was committed, when the catalogue changed, and when the minute did.
type edition struct {
	nation     *subscriptions.Nation
	zone       *time.Location
	languages  []subscriptions.Language
	generation int64
	asOf       time.Time // when it was last true, cut to the minute

	incidents []subscriptions.Incident // live ones and those of the last 90 days, newest first
	notices   map[subscriptions.NoticeID]subscriptions.Notice
	order     []subscriptions.NoticeID                            // newest published first
	of        map[subscriptions.IncidentID][]subscriptions.Notice // published ones, stopped and withdrawn included, oldest first
	posts     []subscriptions.Post
	alarms    []subscriptions.Alarm
	accounts  []Account

	mu   sync.Mutex
	told map[subscriptions.Language]*telling // made once, when first a page needs it
}

// telling is what all pages of one edition and language share.
type telling struct {
	stories  []story
	unspoken []subscriptions.ServiceID
	states   map[subscriptions.ServiceID]stateOf
	agencies []agencyView
}

// Run keeps the edition true until ctx ends: within a second of a commit, sooner
// where the store gives hints.
func (s *Site) Run(ctx context.Context) error {
	every := time.NewTicker(editionEvery)
	defer every.Stop()
	hints, away := s.Hints, false
	for {
		err := s.Refresh(ctx)
		if err != nil && !away && ctx.Err() == nil {
			s.log.Warn("the store cannot be read: the page stays as it was", "error", err)
		}
		away = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-every.C:
		case _, open := <-hints:
			if !open {
				hints = nil
			}
		}
	}
}

// Refresh reads what is new. The old edition stays where that fails, and says of
// which minute it is.
func (s *Site) Refresh(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	ctx, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	now, old := s.Now().UTC(), s.edition.Load()
	generation, err := s.Store.Generation(ctx)
	if err != nil {
		return err
	}
	nation := s.Nation()
	asOf := now.Truncate(time.Minute)
	slow := old == nil || now.Sub(s.slowAt) >= slowEvery || now.Before(s.slowAt)
	if old != nil && old.generation == generation && old.nation == nation && old.asOf.Equal(asOf) && !slow {
		return nil
	}
	e := &edition{nation: nation, zone: nation.Location(), languages: s.languages(nation), generation: generation, asOf: asOf}
	if old != nil && old.generation == generation && e.day() == old.day() {
		e.incidents, e.notices, e.order, e.of = old.incidents, old.notices, old.order, old.of
	} else if err := e.read(ctx, s.Store, old, now); err != nil {
		return err
	}
	if err := s.readSlow(ctx, e, old, slow); err != nil {
		return err
	}
	if old == nil || !e.same(old) {
		s.edition.Store(e)
	}
	if slow {
		s.slowAt = now
	}
	return nil
}

// day of the edition: history that has become too old leaves with a new one.
func (e *edition) day() string { return e.asOf.In(e.zone).Format(time.DateOnly) }

// same reports whether every page of the two would be the same.
func (e *edition) same(o *edition) bool {
	return e.generation == o.generation && e.nation == o.nation && e.asOf.Equal(o.asOf) && slices.Equal(e.accounts, o.accounts) &&
		slices.EqualFunc(e.posts, o.posts, func(a, b subscriptions.Post) bool {
			return a.Recipient.ID == b.Recipient.ID && a.Recipient.Title == b.Recipient.Title && a.Recipient.GoneAt.Equal(b.Recipient.GoneAt)
		}) &&
		slices.EqualFunc(e.alarms, o.alarms, func(a, b subscriptions.Alarm) bool { return a.ID == b.ID && a.Revision == b.Revision })
}

// readSlow reads what no generation tells of: our channels, and what citizens
// complain of.
func (s *Site) readSlow(ctx context.Context, e, old *edition, due bool) (err error) {
	e.accounts = s.Accounts()
	if !due {
		e.posts, e.alarms = old.posts, old.alarms
		return nil
	}
	if e.posts, err = s.Store.Posts(ctx); err != nil {
		return err
	}
	if a, can := s.Store.(Alarms); can {
		e.alarms, err = a.Alarms(ctx, e.asOf.AddDate(0, 0, -historyDays))
	}
	return err
}

// read reads incidents and notices; notices that are known and unchanged are not
// read again, for a sheet in every language is large.
func (e *edition) read(ctx context.Context, st Store, old *edition, now time.Time) (err error) {
	if e.incidents, err = st.Incidents(ctx, now.AddDate(0, 0, -historyDays)); err != nil {
		return err
	}
	heads, err := st.Headlines(ctx, mostNotices)
	if err != nil {
		return err
	}
	e.notices = make(map[subscriptions.NoticeID]subscriptions.Notice, len(heads))
	var missing []subscriptions.NoticeID
	for _, h := range heads {
		e.order = append(e.order, h.ID)
		if n, known := old.notice(h.ID); known && n.Revision == h.Revision {
			n.Overtaken = h.Overtaken
			e.notices[h.ID] = n
			continue
		}
		missing = append(missing, h.ID)
	}
	for _, i := range e.incidents { // a long one may be older than the headlines
		if _, ok := e.notices[i.FirstNotice]; i.FirstNotice != 0 && !ok && !slices.Contains(missing, i.FirstNotice) {
			all, err := st.Notices(ctx, i.ID, subscriptions.Published, subscriptions.Stopped, subscriptions.Withdrawn)
			if err != nil {
				return err
			}
			e.add(all)
		}
	}
	for page := range slices.Chunk(missing, 100) {
		some, err := st.NoticesOf(ctx, page)
		if err != nil {
			return err
		}
		e.add(some)
	}
	e.sort()
	return nil
}

func (e *edition) notice(id subscriptions.NoticeID) (subscriptions.Notice, bool) {
	if e == nil {
		return subscriptions.Notice{}, false
	}
	n, ok := e.notices[id]
	return n, ok
}

func (e *edition) add(some []subscriptions.Notice) {
	for _, n := range some {
		if public(n) {
			e.notices[n.ID] = n
		}
	}
}

func (e *edition) sort() {
	e.of = map[subscriptions.IncidentID][]subscriptions.Notice{}
	for _, n := range e.notices {
		e.of[n.Incident] = append(e.of[n.Incident], n)
	}
	for _, all := range e.of {
		slices.SortFunc(all, func(a, b subscriptions.Notice) int { return cmp.Compare(a.ID, b.ID) })
	}
}

// public reports whether citizens have read the notice.
func public(n subscriptions.Notice) bool {
	switch n.State {
	case subscriptions.Published, subscriptions.Stopped, subscriptions.Withdrawn:
		return !n.PublishedAt.IsZero()
	}
	return false
}

// standing are those of an incident's notices that still say something.
func standing(all []subscriptions.Notice) []subscriptions.Notice {
	return slices.DeleteFunc(slices.Clone(all), func(n subscriptions.Notice) bool { return n.State != subscriptions.Published })
}

// incident finds one of the edition.
func (e *edition) incident(id subscriptions.IncidentID) (subscriptions.Incident, bool) {
	for _, i := range e.incidents {
		if i.ID == id {
			return i, true
		}
	}
	return subscriptions.Incident{}, false
}
