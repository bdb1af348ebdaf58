package wording

import (
	"strings"
	"time"
	"unicode/utf8"

	"arifa/subscriptions"
)

// ShortLimit is how many places of GSM 7 bit a short text may take: one SMS.
const ShortLimit = 160

// piece is a sentence of the short text. Those with the highest drop go first
// when it is too long; drop 0 stays.
type piece struct {
	text string
	drop int
}

// short is the whole notice in one SMS. Its number is never left out and no
// sentence is left half, except for a name that alone is too long.
func (w *writer) short() string {
	defer func() { w.clip, w.terse = 0, false }()
	w.terse = true
	for _, w.clip = range []int{0, 60, 40, 24} {
		if text := fit(w.shortPieces()); text != "" {
			return text
		}
	}
	return cutFirst(w.shortPieces())
}

// fit drops pieces until the rest is one SMS; it returns "" where what must stay
// is too long.
func fit(pieces []piece) string {
	for {
		text := joinPieces(pieces)
		if septets(text) <= ShortLimit {
			return text
		}
		worst := 0
		for i, p := range pieces {
			if p.drop > pieces[worst].drop {
				worst = i
			}
		}
		if pieces[worst].drop == 0 {
			return ""
		}
		pieces = append(pieces[:worst:worst], pieces[worst+1:]...)
	}
}

func (w *writer) shortPieces() []piece {
	if w.answering() {
		return w.shortAnswers()
	}
	kind := w.f.Notice.Kind
	aside := kind == subscriptions.Correction || kind == subscriptions.Advisory // it does not tell the trouble itself
	pieces := []piece{{text: w.shortWhat()}}
	add := func(drop int, text string) {
		if text != "" {
			pieces = append(pieces, piece{sms(text), drop})
		}
	}
	switch {
	case kind == subscriptions.Correction:
		add(0, w.t("short.false", nil))
	case kind == subscriptions.Maintenance && !w.ends():
		add(1, w.shortPlan())
	case !aside && !w.ends() && !w.since.IsZero():
		add(5, w.t(approx("since", w.about), map[string]any{"When": w.full(w.since)}))
	}
	if !aside {
		add(w.shortMoney())
		add(w.shortWay())
	}
	if next := w.next(); !next.IsZero() {
		add(2, w.t("short.next", map[string]any{"When": w.full(next)}))
	}
	if aside {
		add(6, w.free())
	}
	if key := w.f.Notice.Key; key != "" {
		add(0, w.t("short.number", map[string]any{"Key": key.Short()}))
	}
	if w.host != "" {
		add(7, w.t("short.host", map[string]any{"Host": w.host}))
	}
	return pieces
}

// shortAnswers says the answers that are known, and by when the others come.
func (w *writer) shortAnswers() []piece {
	slots := w.f.Notice.Slots
	pieces := []piece{{text: sms(w.t("short", map[string]any{"Agency": w.agency(w.f.Notice.Agency), "What": w.title()}))}}
	add := func(drop int, text string) { pieces = append(pieces, piece{sms(text), drop}) }
	if id := "landed." + slots.Landed.Value; w.s.Has(id) {
		add(3, w.t(id, nil))
	}
	if slots.PayAgain.Value == "yes" {
		add(0, w.t("short.again", nil))
	} else {
		add(0, w.t("short.money", nil))
	}
	if id := "moved." + slots.Moved.Value; w.s.Has(id) {
		add(4, w.t(id, nil))
	}
	var by time.Time
	for _, a := range []subscriptions.Answer{slots.Landed, slots.PayAgain, slots.Moved} {
		if a.Value == "" && !a.By.IsZero() && (by.IsZero() || a.By.Before(by)) {
			by = a.By
		}
	}
	if !by.IsZero() {
		add(2, w.t("short.next", map[string]any{"When": w.full(by)}))
	}
	if key := w.f.Notice.Key; key != "" {
		add(0, w.t("short.number", map[string]any{"Key": key.Short()}))
	}
	if w.host != "" {
		add(7, w.t("short.host", map[string]any{"Host": w.host}))
	}
	return pieces
}

// shortMoney says whether to pay again; only beside a new deadline can it go.
func (w *writer) shortMoney() (drop int, text string) {
	slots := w.f.Notice.Slots
	switch {
	case w.f.Notice.Kind == subscriptions.Maintenance && w.scheduled():
		return 0, ""
	case w.ends() && slots.PayAgain.Value == "yes":
		return 0, w.t("short.again", nil)
	case slots.Deadline != nil:
		return 1, w.t("short.money", nil)
	}
	return 0, w.t("short.money", nil)
}

// shortWhat is the first line with the name of who says it.
func (w *writer) shortWhat() string {
	title := ""
	switch n := w.f.Notice; {
	case w.ends():
		title = w.what(works)
	case n.Kind == subscriptions.Maintenance && w.scheduled():
		title = w.what(will)
	case n.Kind == subscriptions.Update && n.Slots.Deadline != nil:
		d := *n.Slots.Deadline
		if !stays(d) {
			d.Old = time.Time{} // the new date is what counts here
		}
		title = w.deadline(d)
	case n.Kind == subscriptions.Advisory:
		title = w.title()
		return sms(title + ".")
	default:
		title = w.title()
	}
	if !strings.HasSuffix(title, ".") {
		title += "."
	}
	return sms(w.t("short", map[string]any{"Agency": w.agency(w.f.Notice.Agency), "What": title}))
}

func (w *writer) shortPlan() string {
	from, to := w.plan()
	switch {
	case from.IsZero():
		return ""
	case to.IsZero(), w.f.Notice.Slots.EndsNotBefore:
		return w.t("short.from", map[string]any{"From": w.full(from)})
	}
	return w.t("short.plan", map[string]any{"From": w.full(from), "To": w.full(to)})
}

// shortWay names the other way where everybody has the same, or says that there
// is none where nobody has one.
func (w *writer) shortWay() (drop int, text string) {
	if w.ends() {
		return 0, ""
	}
	if len(w.ways) == 0 {
		return 4, w.t("short.noway", nil)
	}
	for _, s := range w.services {
		for _, way := range w.ways[s.ID] {
			other, _ := w.resolve(way.alternative.Text.In(w.l, w.s.languages...))
			if text != "" && text != other {
				return 0, ""
			}
			text = other
		}
		if len(w.ways[s.ID]) == 0 {
			return 0, ""
		}
	}
	if w.f.Notice.Kind == subscriptions.AlternativeNotice {
		return 1, text // it is what the notice is about
	}
	return 3, text
}

func septets(text string) int {
	n, ok := GSM7(text)
	if !ok {
		return ShortLimit + 1
	}
	return n
}

func joinPieces(pieces []piece) string {
	var texts []string
	for _, p := range pieces {
		texts = append(texts, p.text)
	}
	return join(texts...)
}

// cutFirst keeps what must stay and shortens its first piece by whole words until
// all of it fits.
func cutFirst(all []piece) string {
	var pieces []piece
	for _, p := range all {
		if p.drop == 0 {
			pieces = append(pieces, p)
		}
	}
	words := strings.Fields(pieces[0].text)
	for n := len(words) - 1; n > 0; n-- {
		pieces[0].text = strings.TrimRight(strings.Join(words[:n], " "), " ,;:(") + "..."
		if text := joinPieces(pieces); septets(text) <= ShortLimit {
			return text
		}
	}
	return joinPieces(pieces[1:])
}

// clipped cuts a name at a word; limit 0 leaves it whole.
func clipped(name string, limit int) string {
	if limit == 0 || utf8.RuneCountInString(name) <= limit {
		return name
	}
	cut := ""
	for _, word := range strings.Fields(name) {
		if utf8.RuneCountInString(cut+" "+word) > limit {
			break
		}
		cut = strings.TrimSpace(cut + " " + word)
	}
	return strings.TrimRight(cut, " ,;:(") + "..."
}
