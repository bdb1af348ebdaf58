package statuspage

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// incidentView is the page of one incident: what is told now, what was said and
// when, and the record.
type incidentView struct {
	Incident    subscriptions.Incident
	Now         *story
	Report      time.Time // first complaint of a citizen or machine; zero = not known
	Word        time.Time // first official word
	Promises    []promise
	Corrections int
	Entries     []entry
	Services    []subscriptions.ServiceID
}

// promise is one next word that was promised, and when it came.
type promise struct {
	Key  subscriptions.NoticeKey
	By   time.Time
	At   time.Time // of the next word; zero = none yet
	Fate string    // kept, late, open, overdue
}

// entry is one notice in a timeline.
type entry struct {
	Notice subscriptions.Notice
	Fate   subscriptions.Fate
	Title  string
	Lines  []string
	Agency string
}

// incident finds the edition's, else the store's: older ones are on the record too.
func (s *Site) incident(ctx context.Context, e *edition, l subscriptions.Language, id subscriptions.IncidentID) (*frame, error) {
	i, ok := e.incident(id)
	all := e.of[id]
	if !ok {
		var err error
		if i, err = s.Store.Incident(ctx, id); err != nil {
			return nil, err
		}
		if all, err = s.Store.Notices(ctx, id, subscriptions.Published, subscriptions.Stopped, subscriptions.Withdrawn); err != nil {
			return nil, err
		}
	}
	if all = slices.DeleteFunc(slices.Clone(all), func(n subscriptions.Notice) bool { return !public(n) }); len(all) == 0 {
		return nil, subscriptions.ErrNotFound // nothing was ever said of it
	}
	f := s.frame(e, l, "i/"+itoa(int64(id)))
	f.Feeds = f.feeds("", "")
	f.Title = f.T("page.record")
	v := incidentView{Incident: i, Word: all[0].PublishedAt, Promises: promisesOf(i, all, e.asOf)}
	if now, ok := f.story(i, anything); ok {
		v.Now, f.Title = &now, now.Main().Title
	} else {
		f.Title = f.titleIn(i, all)
	}
	for _, st := range i.Services {
		if st.Confirmed {
			v.Services = append(v.Services, st.Service)
		}
	}
	for _, a := range e.alarms {
		if a.Incident == id && !a.Since.IsZero() && (v.Report.IsZero() || a.Since.Before(v.Report)) {
			v.Report = a.Since
		}
	}
	for _, n := range all {
		if n.Kind == subscriptions.Correction && !n.Answers() {
			v.Corrections++
		}
		v.Entries = append(v.Entries, f.entry(n, i, all))
	}
	f.Body = v
	return f, nil
}

func (f *frame) titleIn(i subscriptions.Incident, all []subscriptions.Notice) string {
	for _, n := range all {
		if n.State != subscriptions.Withdrawn && n.Kind.Chain() {
			return f.words(n).Title
		}
	}
	return f.titleOf(i)
}

// entry shows one notice of a timeline: of a withdrawn one, that it was wrong and
// nothing else.
func (f *frame) entry(n subscriptions.Notice, i subscriptions.Incident, all []subscriptions.Notice) entry {
	e := entry{Notice: n, Agency: f.agencyShort(n.Agency), Fate: n.Fate(newestIn(n, i, all), i.State.Over() || n.Earlier(i), f.e.asOf)}
	if n.State == subscriptions.Withdrawn {
		card := f.site.Speaker.Withdrawal(n.Sheet, f.L)
		e.Title, e.Lines = card.Title, card.Lines
		return e
	}
	w := f.words(n)
	e.Title = w.Title
	for _, l := range w.Head {
		e.Lines = append(e.Lines, l.Text)
	}
	for _, l := range w.Tail {
		if l.Slot != subscriptions.SlotWho && l.Slot != subscriptions.SlotPIN {
			e.Lines = append(e.Lines, l.Text)
		}
	}
	return e
}

// newestIn follows what overtook a notice to what stands now. What was taken back
// stands in nobody's place.
func newestIn(n subscriptions.Notice, i subscriptions.Incident, all []subscriptions.Notice) subscriptions.Notice {
	end := n
	for range 100 {
		at := slices.IndexFunc(all, func(o subscriptions.Notice) bool { return o.ID == end.Overtaken })
		if end.Overtaken == 0 || at < 0 {
			break
		}
		end = all[at]
	}
	if end.TakenBack() && end.ID != n.ID {
		return n.Heir(all, i)
	}
	return end
}

// promisesOf compares each promised next word with the one that came.
func promisesOf(i subscriptions.Incident, all []subscriptions.Notice, now time.Time) []promise {
	var out []promise
	for k, n := range all {
		by := n.Slots.NextUpdate
		if by.IsZero() {
			continue
		}
		p := promise{Key: n.Key, By: by, Fate: "open"}
		for _, later := range all[k+1:] {
			if later.Kind.Chain() || later.Kind == subscriptions.Correction {
				p.At = later.PublishedAt
				break
			}
		}
		switch {
		case !p.At.IsZero() && p.At.After(by):
			p.Fate = "late"
		case !p.At.IsZero():
			p.Fate = "kept"
		case i.State.Over() && !i.EndedAt.After(by):
			continue // it ended before the word was due
		case now.After(by):
			p.Fate = "overdue"
		}
		out = append(out, p)
	}
	return out
}

// noticeView is the page of one number: one notice, or several of different years.
type noticeView struct {
	Asked   string
	Years   []entry // more than one: which year is meant
	Entry   entry
	Verdict string // what became of it, in words
	Now     subscriptions.Notice
	Card    wording.Card
	Groups  []group
	Who     []string
	Wrong   string // why the number is not ours
}

// noticePage shows a number as it was asked for: "0103-1", "2025-0103-1", with its
// check code or without, or a check code alone.
func (s *Site) noticePage(ctx context.Context, e *edition, l subscriptions.Language, asked string) (*frame, int, error) {
	f := s.frame(e, l, "n/"+url.PathEscape(asked))
	f.Title = f.T("page.verify.title")
	q, err := subscriptions.ParseCode(asked)
	if err != nil {
		if n, ok := e.byCode(asked); ok {
			f.one(noticeView{Asked: asked}, n, e.newest(n))
			return f, 200, nil
		}
		return nil, 0, subscriptions.ErrNotFound
	}
	key, full := q.Key()
	word := string(key)
	if !full {
		word = key.Short()
	}
	found, err := s.Store.NoticesByKey(ctx, word)
	if err != nil {
		return nil, 0, err
	}
	found = slices.DeleteFunc(found, func(n subscriptions.Notice) bool { return !public(n) || !q.Matches(n.Key) })
	v := noticeView{Asked: word}
	if len(found) == 0 {
		v.Wrong = f.T("verify.unknown")
		f.Body = v
		return f, 404, nil
	}
	if q.Code != "" {
		found = slices.DeleteFunc(found, func(n subscriptions.Notice) bool { return !subscriptions.SameCode(n.Code, q.Code) })
		if len(found) == 0 {
			v.Wrong = f.T("verify.other-code")
			f.Body = v
			return f, 404, nil
		}
	}
	if len(found) > 1 {
		for _, n := range found {
			v.Years = append(v.Years, entry{Notice: n, Title: f.titleOfNotice(n), Agency: f.agencyShort(n.Agency)})
		}
		f.Title, f.Body = f.T("page.notice", "Key", key.Short()), v
		return f, 200, nil
	}
	now, err := s.newest(ctx, e, found[0])
	if err != nil {
		return nil, 0, err
	}
	over, err := s.over(ctx, e, now)
	if err != nil {
		return nil, 0, err
	}
	f.one(v, found[0], now, over)
	return f, 200, nil
}

// one fills the page of one notice.
func (f *frame) one(v noticeView, n, now subscriptions.Notice, over ...bool) {
	ended := len(over) > 0 && over[0]
	if i, ok := f.e.incident(n.Incident); ok && len(over) == 0 {
		ended = i.State.Over() || n.Earlier(i)
	}
	v.Now = now
	v.Entry = entry{Notice: n, Fate: n.Fate(now, ended, f.e.asOf), Agency: f.agencyShort(n.Agency)}
	f.Title = f.T("page.notice.of", "Key", n.Key.Short(), "Date", f.Date(n.PublishedAt))
	switch v.Entry.Fate {
	case subscriptions.FateWithdrawn:
		v.Verdict = f.site.Speaker.Withdrawn(f.L, n.Key)
		v.Card = f.site.Speaker.Withdrawal(n.Sheet, f.L)
		if now.ID != n.ID && now.State == subscriptions.Published {
			v.Who = append(v.Who, f.T("verify.now", "Key", now.Key.Short(), "Title", f.words(now).Title))
		}
	default:
		v.Verdict = f.T("verify."+string(v.Entry.Fate), "Key", n.Key.Short(), "Now", now.Key.Short()) + "."
		w := f.words(n)
		v.Entry.Title = w.Title
		for _, l := range w.Head {
			v.Entry.Lines = append(v.Entry.Lines, l.Text)
		}
		for _, sl := range w.Services {
			v.Groups = addTo(v.Groups, sl)
		}
		for _, l := range w.Tail {
			v.Who = append(v.Who, l.Text)
		}
	}
	f.Body = v
}

// titleOfNotice is its title, or that it was withdrawn.
func (f *frame) titleOfNotice(n subscriptions.Notice) string {
	if n.State == subscriptions.Withdrawn {
		return f.site.Speaker.Withdrawn(f.L, n.Key)
	}
	return f.words(n).Title
}

// byCode finds a notice of these days by its check code alone.
func (e *edition) byCode(code string) (subscriptions.Notice, bool) {
	for _, id := range e.order {
		if n := e.notices[id]; n.ID != 0 && subscriptions.SameCode(n.Code, code) {
			return n, true
		}
	}
	return subscriptions.Notice{}, false
}

// newest follows what overtook a notice, as far as the edition knows it.
func (e *edition) newest(n subscriptions.Notice) subscriptions.Notice {
	i, _ := e.incident(n.Incident)
	return newestIn(n, i, e.of[n.Incident])
}

// newest is the edition's, else the store's: older ones are asked about too.
func (s *Site) newest(ctx context.Context, e *edition, n subscriptions.Notice) (subscriptions.Notice, error) {
	if _, ok := e.incident(n.Incident); ok || n.Incident == 0 {
		return e.newest(n), nil
	}
	i, err := s.Store.Incident(ctx, n.Incident)
	if err != nil && !errors.Is(err, subscriptions.ErrNotFound) {
		return n, err
	}
	all, err := s.Store.Notices(ctx, n.Incident, subscriptions.Published, subscriptions.Stopped, subscriptions.Withdrawn)
	return newestIn(n, i, all), err
}

func (s *Site) over(ctx context.Context, e *edition, n subscriptions.Notice) (bool, error) {
	if n.Incident == 0 {
		return false, nil
	}
	i, ok := e.incident(n.Incident)
	if !ok {
		var err error
		i, err = s.Store.Incident(ctx, n.Incident)
		if errors.Is(err, subscriptions.ErrNotFound) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	return i.State.Over(), nil
}

// verifyView is the form, and the answer to what was pasted.
type verifyView struct {
	Text string
	Card *wording.Card
}

func (s *Site) verify(e *edition, l subscriptions.Language, text string, card *wording.Card) *frame {
	f := s.frame(e, l, "verify")
	f.Title, f.Body = f.T("page.verify.title"), verifyView{Text: text, Card: card}
	return f
}

func hostOf(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return ""
	}
	return u.Hostname()
}
