package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"arifa/subscriptions"
)

// readyChange is what a waiting ready alternative carries.
type readyChange struct {
	Alternative subscriptions.AlternativeID
	Agency      subscriptions.AgencyID
	Services    []subscriptions.ServiceID
	TextHash    string
}

// ReadyWays lists the ready alternatives, lapsed ones included.
func (d *Desk) ReadyWays(ctx context.Context) ([]subscriptions.ReadyWay, error) {
	return d.Store.ReadyWays(ctx)
}

// ProposeReady asks a second officer to make an alternative ready: for 90 days
// one officer may then activate it, for at most four hours at a time.
func (d *Desk) ProposeReady(ctx context.Context, a Actor, id subscriptions.AlternativeID, agency subscriptions.AgencyID, services []subscriptions.ServiceID, now time.Time) (subscriptions.RegistryChange, error) {
	w := deed{actor: a, act: ActReadyAsk, agency: agency, subject: string(id), now: now}
	c, err := d.proposeReady(ctx, &w, id, services)
	return c, d.settle(ctx, w, err)
}

func (d *Desk) proposeReady(ctx context.Context, w *deed, id subscriptions.AlternativeID, services []subscriptions.ServiceID) (subscriptions.RegistryChange, error) {
	var none subscriptions.RegistryChange
	var err error
	if w.agency, err = d.agencyFor(ctx, w.actor, w.agency); err != nil {
		return none, err
	}
	if err = d.begin(ctx, w); err != nil {
		return none, err
	}
	n, err := d.Nation(ctx)
	if err != nil {
		return none, err
	}
	asked := readyChange{Alternative: id, Agency: w.agency, Services: inOrder(n, services)}
	if len(services) == 0 {
		for _, s := range n.Services {
			if s.Agency == w.agency && !s.Retired && slices.Contains(s.Alternatives, id) {
				asked.Services = append(asked.Services, s.ID)
			}
		}
	}
	if r := mayBeReady(n, asked); r != nil {
		return none, r
	}
	a, _ := n.Alternative(id)
	asked.TextHash = textHash(n, a)
	b, err := json.Marshal(asked)
	if err != nil {
		return none, err
	}
	c, err := d.Store.PutChange(ctx, subscriptions.RegistryChange{
		Kind: ChangeReady, Agency: w.agency, Alternative: id, New: string(b), State: subscriptions.ChangeWaiting,
		ProposedBy: w.actor.Officer.ID, ProposedAt: w.now,
	}, w.line("waits for a second officer: "+join(asked.Services)))
	if err == nil {
		d.call(ctx, Event{Kind: EventApprove, Agency: w.agency, Change: c.ID, Since: w.now, At: w.now}, w.actor.Officer.ID)
	}
	return c, asRefusal(err)
}

// mayBeReady judges a ready alternative without any incident.
func mayBeReady(n *subscriptions.Nation, asked readyChange) *Refusal {
	a, r := usable(situation{nation: n}, subscriptions.Incident{}, asked.Alternative, asked.Agency)
	if r != nil {
		return r
	}
	if len(asked.Services) == 0 {
		return no(5, "name services on which it hangs", "%s hangs on no service of %s", asked.Alternative, asked.Agency)
	}
	for _, id := range asked.Services {
		s, _ := n.Service(id)
		if !slices.Contains(s.Alternatives, asked.Alternative) || !n.WhoMayUse(a, s) {
			return no(5, "hang it on the service in the catalogue first", "%s does not hang on %s", asked.Alternative, id)
		}
	}
	return nil
}

// makeReady lets a waiting ready alternative take effect; the approver has
// entered the six digits.
func (d *Desk) makeReady(ctx context.Context, w *deed, c subscriptions.RegistryChange) error {
	var asked readyChange
	if err := json.Unmarshal([]byte(c.New), &asked); err != nil {
		return no(0, "propose it again", "the waiting change cannot be read")
	}
	n, err := d.Nation(ctx)
	if err != nil {
		return err
	}
	a, _ := n.Alternative(asked.Alternative)
	if textHash(n, a) != asked.TextHash {
		return no(2, "propose it again", "the text of %s changed since it was proposed", asked.Alternative)
	}
	if r := mayBeReady(n, asked); r != nil {
		return r
	}
	way := subscriptions.ReadyWay{
		Alternative: asked.Alternative, Agency: asked.Agency, Services: asked.Services, Author: c.ProposedBy,
		Approver: w.actor.Officer.ID, At: w.now, Until: w.now.Add(subscriptions.ReadyFor), TextHash: asked.TextHash,
	}
	old, err := d.Store.ReadyWays(ctx)
	if err != nil {
		return err
	}
	for _, o := range old {
		if o.Alternative == way.Alternative && o.Agency == way.Agency {
			way.Revision = o.Revision
		}
	}
	line := w.line("ready for 90 days: " + join(asked.Services))
	line.Subject, line.Action = string(asked.Alternative), string(ActReadyAsk)
	return asRefusal(d.Store.PutReadyWay(ctx, way, line))
}

// textHash is the SHA-256 of what an alternative says in every language with the
// registry's values in place, and of the names to expect: a change of any makes it
// another text.
func textHash(n *subscriptions.Nation, a subscriptions.Alternative) string {
	type resolved struct{ Language, Text, Error string }
	var all []resolved
	var entries []subscriptions.Entry
	for _, l := range n.Languages {
		text, used, err := subscriptions.ResolveText(a.Text[l], n)
		r := resolved{Language: string(l), Text: text}
		if err != nil {
			r.Error = err.Error()
		}
		all = append(all, r)
		for _, id := range used {
			e, _ := n.Entry(id)
			entries = append(entries, subscriptions.Entry{ID: e.ID, Agency: e.Agency, Type: e.Type, Value: e.Value, ExpectName: e.ExpectName})
		}
	}
	b, err := json.Marshal(struct {
		ID      subscriptions.AlternativeID
		Agency  subscriptions.AgencyID
		Payment bool
		Text    []resolved
		Entries []subscriptions.Entry
	}{a.ID, a.Agency, a.Payment, all, entries})
	if err != nil { // only strings and flags: cannot fail
		panic(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
