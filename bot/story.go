package bot

import (
	"context"
	"slices"
	"time"

	"arifa/subscriptions"
)

// remembered is how long after an end people who ask are told of it.
const remembered = subscriptions.EndTold

// story is what one incident means for the services that somebody asks about.
type story struct {
	incident subscriptions.Incident
	// notice is the newest published one that tells of them; ID 0 = none stands.
	notice subscriptions.Notice
	// answer gives what an end left open; ID 0 = nothing more was said.
	answer  subscriptions.Notice
	failing []subscriptions.ServiceID // confirmed
	unknown []subscriptions.ServiceID // nobody has said yet whether they suffer
	ended   []subscriptions.ServiceID
}

// incidents reads the live and the lately ended ones, once a turn.
func (t *turn) incidents(ctx context.Context) ([]subscriptions.Incident, error) {
	if t.read {
		return t.live, nil
	}
	all, err := t.Bulletins.Incidents(ctx, t.now.Add(-remembered))
	if err != nil {
		return nil, err
	}
	t.live, t.read = all, true
	return all, nil
}

// stories tells what the incidents mean for these scopes, newest first and
// without those that do not touch them.
func (t *turn) stories(ctx context.Context, scopes []subscriptions.Scope) ([]story, error) {
	all, err := t.incidents(ctx)
	if err != nil {
		return nil, err
	}
	var out []story
	for _, i := range all {
		if out, err = t.tells(ctx, out, t.reading(i, scopes)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// tells adds a story where there is something to tell of it.
func (t *turn) tells(ctx context.Context, out []story, s story) ([]story, error) {
	if len(s.failing)+len(s.unknown)+len(s.ended) == 0 {
		return out, nil
	}
	if err := t.present(ctx, &s); err != nil {
		return nil, err
	}
	if s.tellable(t.now) {
		out = append(out, s)
	}
	return out, nil
}

// endings tells how what this person was told of has ended, as far as what they
// follow does not tell it: they left, or asked in a round that is over.
func (t *turn) endings(ctx context.Context, scopes []subscriptions.Scope) ([]story, error) {
	if !t.known() {
		return nil, nil
	}
	told, err := t.Bulletins.Told(ctx, t.me.ID, t.now.Add(-remembered))
	if err != nil || len(told) == 0 {
		return nil, err
	}
	heard := map[subscriptions.IncidentID]map[subscriptions.ServiceID]bool{}
	for _, n := range told {
		for _, id := range n.Services {
			if heard[n.Incident] == nil {
				heard[n.Incident] = map[subscriptions.ServiceID]bool{}
			}
			heard[n.Incident][id] = true
		}
	}
	all, err := t.incidents(ctx)
	var out []story
	for _, i := range all {
		p := i.PartsOf(func(id subscriptions.ServiceID) bool { return heard[i.ID][id] && !t.reaches(i, scopes, id) })
		if err == nil {
			out, err = t.tells(ctx, out, story{incident: i, ended: p.Ended})
		}
	}
	return out, err
}

// reading sorts the services of one incident that these scopes reach.
func (t *turn) reading(i subscriptions.Incident, scopes []subscriptions.Scope) story {
	p := i.PartsOf(func(id subscriptions.ServiceID) bool { return t.reaches(i, scopes, id) })
	return story{incident: i, failing: p.Failing, unknown: p.Unknown, ended: p.Ended}
}

func (t *turn) reaches(i subscriptions.Incident, scopes []subscriptions.Scope, id subscriptions.ServiceID) bool {
	v, _ := t.nation.Service(id)
	return slices.ContainsFunc(scopes, func(s subscriptions.Scope) bool {
		kind, word := s.Split()
		switch kind {
		case "all":
			return true
		case "agency":
			return string(v.Agency) == word
		case "platform":
			return slices.ContainsFunc(i.Claims, func(c subscriptions.Claim) bool { return string(c.Platform) == word })
		}
		return string(id) == word
	})
}

// present finds the newest notice that stands and tells of the story's services:
// of what fails now where something does, else of what ended, with the answers
// that were given after it.
func (t *turn) present(ctx context.Context, s *story) error {
	all, err := t.Bulletins.Notices(ctx, s.incident.ID, subscriptions.Published)
	if err != nil {
		return err
	}
	s.notice, s.answer = s.incident.Present(all, subscriptions.Parts{Failing: s.failing, Unknown: s.unknown, Ended: s.ended})
	return nil
}

// tellable leaves out what no standing notice tells of, for then nothing was
// announced, and ends that are long past.
func (s story) tellable(now time.Time) bool {
	if s.notice.ID == 0 || len(s.failing)+len(s.unknown) > 0 {
		return s.notice.ID != 0
	}
	return now.Sub(s.incident.EndOf(s.notice)) < remembered
}

// liveOnes are the stories in which something fails now.
func liveOnes(all []story) []story {
	return slices.DeleteFunc(slices.Clone(all), func(s story) bool { return len(s.failing) == 0 })
}

// unknownOnes are those in which nobody has said yet.
func unknownOnes(all []story) []story {
	return slices.DeleteFunc(slices.Clone(all), func(s story) bool { return len(s.failing) > 0 || len(s.unknown) == 0 })
}

// endedOnes are those in which nothing fails any more.
func endedOnes(all []story) []story {
	return slices.DeleteFunc(slices.Clone(all), func(s story) bool { return len(s.failing)+len(s.unknown) > 0 })
}
