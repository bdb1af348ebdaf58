package desk

import (
	"context"
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

// Import puts a catalogue in force. What it changes about where money goes, and
// every name or text that could send people there, waits for two officers of the
// agency and 24 hours; until then the old value stands, and a new one reaches
// nobody. The very first catalogue is taken as it is: who
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
	decided, err := d.Store.Changes(ctx)
	if err != nil {
		return 0, err
	}
	changes, err := waitingFor(in.Before, in.After, decided, asker{w.actor.Officer.ID, w.now})
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
			d.call(ctx, Event{Kind: EventApprove, Agency: c.Agency, Since: w.now, At: w.now})
		}
	}
	return touched, nil
}

func waitText(changes []subscriptions.RegistryChange) string {
	s := ""
	for _, c := range changes {
		s += " " + string(c.Kind) + ":" + c.Of()
	}
	if s == "" {
		return "nothing waits"
	}
	return "waits for two officers:" + s
}
