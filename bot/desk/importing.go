package desk

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
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
		Line: w.line(importText(in, changes)), At: w.now,
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

// importText says on the record which file it was, what it changed and what waits.
func importText(in ImportInput, changes []subscriptions.RegistryChange) string {
	return fmt.Sprintf("sha256 %x; %s; %s", sha256.Sum256(in.YAML), differText(in.Before, in.After), waitText(changes))
}

// differMax bounds the list of changes on the record; the hash names the rest.
const differMax = 200

// differText lists what is not the same: + is new, ~ changed, - retired or gone.
func differText(before, after *subscriptions.Nation) string {
	if before == nil {
		return "the first catalogue"
	}
	was, is := fingerprints(before), fingerprints(after)
	var all []string
	for id, f := range is {
		old, known := was[id]
		switch {
		case !known:
			all = append(all, "+"+id)
		case f.retired && !old.retired:
			all = append(all, "-"+id)
		case f != old:
			all = append(all, "~"+id)
		}
	}
	for id := range was {
		if _, kept := is[id]; !kept {
			all = append(all, "-"+id)
		}
	}
	slices.Sort(all)
	more := ""
	if len(all) > differMax {
		more, all = fmt.Sprintf(" and %d more", len(all)-differMax), all[:differMax]
	}
	return "changes: " + strings.Join(all, " ") + more
}

// fingerprint is all of one entry, to be compared.
type fingerprint struct {
	all     string
	retired bool
}

func fingerprints(n *subscriptions.Nation) map[string]fingerprint {
	out := map[string]fingerprint{"head": {all: fmt.Sprint(n.Country, n.Timezone, n.Languages, n.DefaultLanguage, n.Currency, n.DomainSuffixes, n.OfficialHosts, n.Counties)}}
	for _, v := range n.Platforms {
		out["platform:"+string(v.ID)] = fingerprint{fmt.Sprintf("%+v", v), v.Retired}
	}
	for _, v := range n.Agencies {
		out["agency:"+string(v.ID)] = fingerprint{fmt.Sprintf("%+v", v), v.Retired}
	}
	for _, v := range n.Alternatives {
		out["alternative:"+string(v.ID)] = fingerprint{fmt.Sprintf("%+v", v), v.Retired}
	}
	for _, v := range n.Registry {
		out["entry:"+string(v.ID)] = fingerprint{fmt.Sprintf("%+v", v), v.Retired}
	}
	for _, v := range n.Services {
		out["service:"+string(v.ID)] = fingerprint{fmt.Sprintf("%+v", v), v.Retired}
	}
	return out
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
