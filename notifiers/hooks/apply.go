package hooks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"arifa/subscriptions"
)

// Tally is what became of one call: the answer to it.
type Tally struct {
	Stored   int `json:"stored"`   // began or ended, and durable
	Repeated int `json:"repeated"` // said before, or too late to change anything
	Ignored  int `json:"ignored"`  // says nothing of a platform: a test, a maintenance, ignore: true
	// Folded were not stored one by one: their platform fires by a hundred others of
	// this source.
	Folded   int      `json:"folded,omitempty"`
	Unmapped []string `json:"unmapped,omitempty"` // no rule fits: a few of them by name
	Refused  []string `json:"refused,omitempty"`  // cannot be read, and why: a few of them
	Rest     int      `json:"and_more,omitempty"` // unmapped and refused ones that are not named
}

// What is kept and told of one call.
const (
	mostNamed  = 10  // of unmapped and refused ones
	mostFiring = 100 // signals that fire of one source for one platform
	knownFor   = 7 * 24 * time.Hour
)

// status: 422 or 400 when nothing at all had a place, so that the sender's operator
// sees it; else 200, because a sender that fails sends everything again.
func (t Tally) status() int {
	switch {
	case t.Stored+t.Repeated+t.Ignored+t.Folded > 0:
		return http.StatusOK
	case len(t.Unmapped) > 0:
		return http.StatusUnprocessableEntity
	case len(t.Refused) > 0:
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// apply stores what is new in words. The first trouble of the store ends it: what
// was stored until then is a repetition when the sender sends again.
func (h *Hooks) apply(ctx context.Context, from Source, words []word) (Tally, error) {
	now := h.Now().UTC().Truncate(time.Millisecond)
	past, err := h.Signals.Signals(ctx, now.Add(-knownFor))
	if err != nil {
		return Tally{}, err
	}
	b := &batch{hooks: h, from: from, source: string(from.Kind) + ":" + from.Name, now: now, known: map[string]subscriptions.Signal{}, firing: map[subscriptions.PlatformID]int{}}
	for _, s := range past {
		if s.Source == b.source {
			b.remember(s)
		}
	}
	for _, w := range words {
		if err := b.take(ctx, believed(w, now)); err != nil {
			return Tally{}, err
		}
	}
	return b.tally, nil
}

// batch is one call while it is applied.
type batch struct {
	hooks  *Hooks
	from   Source
	source string
	now    time.Time
	known  map[string]subscriptions.Signal // of this source, by key
	firing map[subscriptions.PlatformID]int
	tally  Tally
}

func (b *batch) remember(s subscriptions.Signal) {
	if was, ok := b.known[s.Key]; ok && was.Firing {
		b.firing[was.Platform]--
	}
	if s.Firing {
		b.firing[s.Platform]++
	}
	b.known[s.Key] = s
}

func (b *batch) take(ctx context.Context, w word) error {
	switch {
	case w.fault != "":
		b.tally.Refused = b.name(b.tally.Refused, w.name+": "+w.fault)
		return nil
	case w.quiet:
		b.tally.Ignored++
		return nil
	case w.whole:
		return b.endAll(ctx, w)
	case !w.firing:
		return b.end(ctx, w)
	}
	return b.begin(ctx, w)
}

func (b *batch) begin(ctx context.Context, w word) error {
	rule, ok := b.from.place(w.about)
	switch {
	case !ok:
		b.tally.Unmapped = b.name(b.tally.Unmapped, w.name)
		return nil
	case rule.Ignore:
		b.tally.Ignored++
		return nil
	}
	known, found := b.known[w.key]
	switch judge(w, known, found, b.now) {
	case replayed:
		b.tally.Repeated++
		return nil
	case begins:
		if b.firing[rule.Platform] >= mostFiring {
			b.tally.Folded++
			return nil
		}
	}
	return b.put(ctx, subscriptions.Signal{Key: w.key, Platform: rule.Platform, Firing: true, Summary: clean(w.say, mostSummary), Since: since(w, known, b.now)}, w)
}

// end ends what this source began, on the platform for which it began. What never
// began here needs no place.
func (b *batch) end(ctx context.Context, w word) error {
	known, found := b.known[w.key]
	if judge(w, known, found, b.now) != ends {
		if _, ok := b.from.place(w.about); !ok && !found {
			b.tally.Unmapped = b.name(b.tally.Unmapped, w.name)
			return nil
		}
		b.tally.Repeated++
		return nil
	}
	known.Firing = false
	if say := clean(w.say, mostSummary); say != "" {
		known.Summary = say
	}
	return b.put(ctx, known, w)
}

// endAll ends everything that a key stands for.
func (b *batch) endAll(ctx context.Context, w word) error {
	ended := false
	for key, known := range b.known {
		if key != w.key && !strings.HasPrefix(key, w.key+"/") || judge(w, known, true, b.now) != ends {
			continue
		}
		ended = true
		known.Firing = false
		if err := b.put(ctx, known, w); err != nil {
			return err
		}
	}
	if !ended {
		b.tally.Repeated++
	}
	return nil
}

func (b *batch) put(ctx context.Context, s subscriptions.Signal, w word) error {
	s.Source, s.At = b.source, b.now
	changed, err := b.hooks.Signals.Signal(ctx, s, b.now)
	switch {
	case errors.Is(err, subscriptions.ErrNotFound):
		// The catalogue of another day: its platform is gone.
		b.tally.Unmapped = b.name(b.tally.Unmapped, fmt.Sprintf("%s (the platform %s is not in the catalogue any more)", w.name, s.Platform))
		return nil
	case err != nil:
		return err
	case changed:
		b.tally.Stored++
	default:
		b.tally.Repeated++
	}
	b.remember(s)
	return nil
}

// name adds one to a list of names, or counts it where the list is full.
func (b *batch) name(list []string, what string) []string {
	if len(list) >= mostNamed {
		b.tally.Rest++
		return list
	}
	return append(list, what)
}
