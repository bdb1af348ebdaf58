package desk

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"arifa/subscriptions"
)

// ImportInput is a new catalogue. Before and After are the parsed old and new
// one (Before nil = none is in force yet).
type ImportInput struct {
	YAML          []byte
	Revision      int64 // of the one in force; 0 = none
	Before, After *subscriptions.Nation
	Replaced      map[subscriptions.Scope]subscriptions.Scope
	Retired       []subscriptions.Scope
}

// Import puts a catalogue in force. What it changes about where money goes waits
// for two officers of the agency and 24 hours; until then the old value stands,
// and a new one reaches nobody. The very first catalogue is taken as it is: who
// sets the service up chooses it. It returns how many recipients were moved or
// let go with retired services.
func (d *Desk) Import(ctx context.Context, a Actor, in ImportInput, now time.Time) (int, error) {
	w := deed{actor: a, act: ActImport, subject: subjectOf("catalogue", in.Revision+1), now: now}
	err := d.begin(ctx, &w)
	if err == nil && in.After == nil {
		err = no(0, "check the file first", "there is no catalogue to import")
	}
	if err == nil && in.Revision != 0 && in.Before == nil {
		err = no(5, "compare it with the catalogue in force", "the catalogue in force is missing")
	}
	if err != nil {
		return 0, d.settle(ctx, w, err)
	}
	changes, err := waitingFor(in.Before, in.After, w.actor.Officer.ID, w.now)
	if err != nil {
		return 0, err
	}
	touched, err := d.Store.ReplaceCatalogue(ctx, subscriptions.CatalogueReplacement{
		YAML: in.YAML, Revision: in.Revision, Changes: changes, Replaced: in.Replaced, Retired: in.Retired,
		Line: w.line(waitText(changes)), At: w.now,
	})
	if err != nil {
		return 0, d.settle(ctx, w, asRefusal(err))
	}
	asked := map[subscriptions.AgencyID]bool{}
	for _, c := range changes {
		if !asked[c.Agency] {
			asked[c.Agency] = true
			d.call(ctx, Event{Kind: EventApprove, Agency: c.Agency, At: w.now}, 0)
		}
	}
	return touched, nil
}

func waitText(changes []subscriptions.RegistryChange) string {
	s := ""
	for _, c := range changes {
		s += " " + string(c.Kind) + ":" + string(c.Entry) + string(c.Alternative)
	}
	if s == "" {
		return "nothing waits"
	}
	return "waits for two officers:" + s
}

// waitingFor lists what an import may not change at once. It is worked out here
// and not by the face that read the file.
func waitingFor(before, after *subscriptions.Nation, by subscriptions.OfficerID, now time.Time) ([]subscriptions.RegistryChange, error) {
	if before == nil {
		return nil, nil
	}
	var out []subscriptions.RegistryChange
	put := func(c subscriptions.RegistryChange, old, next any) error {
		b, err := json.Marshal(next)
		if err != nil {
			return err
		}
		c.New, c.State, c.ProposedBy, c.ProposedAt = string(b), subscriptions.ChangeWaiting, by, now
		if old != nil {
			if b, err = json.Marshal(old); err != nil {
				return err
			}
			c.Old = string(b)
		}
		out = append(out, c)
		return nil
	}
	for _, e := range after.Registry {
		was, known := before.Entry(e.ID)
		if e.Retired || !opens(was, e) {
			continue
		}
		c := subscriptions.RegistryChange{Kind: subscriptions.ChangeEntry, Agency: judge(was.Agency, e.Agency), Entry: e.ID}
		if err := put(c, orNone(was, known), e); err != nil {
			return nil, err
		}
	}
	for _, a := range after.Alternatives {
		was, known := before.Alternative(a.ID)
		if a.Retired || !(movesMoney(after, a) || movesMoney(before, was)) || sameText(was, a) {
			continue
		}
		c := subscriptions.RegistryChange{Kind: subscriptions.ChangeAlternative, Agency: judge(was.Agency, a.Agency), Alternative: a.ID}
		if err := put(c, orNone(was, known), a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func orNone[T any](was T, known bool) any {
	if !known {
		return nil
	}
	return was
}

// opens reports whether an entry lets more reach a citizen than it did.
func opens(was, e subscriptions.Entry) bool {
	same := was.ID == e.ID && was.Destination == e.Destination && was.Agency == e.Agency && was.Type == e.Type &&
		was.Value == e.Value && was.ExpectName == e.ExpectName && was.OperatorName == e.OperatorName && was.Purpose == e.Purpose
	return e.Publishable && (!same || !was.Publishable || was.Retired || was.Verify && !e.Verify)
}

func sameText(a, b subscriptions.Alternative) bool {
	return a.Agency == b.Agency && a.Payment == b.Payment && !a.Retired && maps.Equal(a.Text, b.Text)
}

// judge is the agency whose officers decide: the one that had it. An import that
// gives a destination to another agency is approved by those who lose it.
func judge(was, is subscriptions.AgencyID) subscriptions.AgencyID {
	if was != "" {
		return was
	}
	return is
}
