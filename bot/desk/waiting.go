package desk

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"time"

	"arifa/subscriptions"
)

// asker is who imports, and when.
type asker struct {
	by subscriptions.OfficerID
	at time.Time
}

// queue collects what waits for two officers.
type queue struct {
	asker
	changes []subscriptions.RegistryChange
	err     error
}

// put adds one change from old (nil = there was none) to next.
func (q *queue) put(c subscriptions.RegistryChange, old, next any) {
	c.New, c.State, c.ProposedBy, c.ProposedAt = q.text(next), subscriptions.ChangeWaiting, q.by, q.at
	if old != nil {
		c.Old = q.text(old)
	}
	q.changes = append(q.changes, c)
}

func (q *queue) text(v any) string {
	b, err := json.Marshal(v)
	if err != nil && q.err == nil {
		q.err = err
	}
	return string(b)
}

// waitingFor lists what an import may not change at once: pure. It is worked out
// here and not by the face that read the file. decided are the changes so far.
func waitingFor(before, after *subscriptions.Nation, decided []subscriptions.RegistryChange, who asker) ([]subscriptions.RegistryChange, error) {
	if before == nil {
		return nil, nil
	}
	q := &queue{asker: who}
	q.entries(before, after)
	q.alternatives(before, after)
	stands := subscriptions.Effective(before, decided)
	q.platforms(before, stands, after)
	q.hosts(before, stands, after)
	q.ties(before, stands, after)
	for _, a := range after.Agencies {
		was, _ := before.Agency(a.ID)
		is, _ := stands.Agency(a.ID)
		q.name(naming{subscriptions.ScopeAgency(a.ID), a.ID, a.Retired, was.Retired},
			subscriptions.Naming{Name: was.Name, Short: was.Short}, subscriptions.Naming{Name: is.Name, Short: is.Short}, subscriptions.Naming{Name: a.Name, Short: a.Short})
	}
	for _, s := range after.Services {
		was, _ := before.Service(s.ID)
		is, _ := stands.Service(s.ID)
		q.name(naming{subscriptions.ScopeService(s.ID), judge(was.Agency, s.Agency), s.Retired, was.Retired},
			subscriptions.Naming{Name: was.Name}, subscriptions.Naming{Name: is.Name}, subscriptions.Naming{Name: s.Name})
	}
	return q.changes, q.err
}

func (q *queue) entries(before, after *subscriptions.Nation) {
	for _, e := range after.Registry {
		was, known := before.Entry(e.ID)
		if !e.Retired && opens(was, e) {
			q.put(subscriptions.RegistryChange{Kind: subscriptions.ChangeEntry, Agency: judge(was.Agency, e.Agency), Entry: e.ID}, orNone(was, known), e)
		}
	}
}

func (q *queue) alternatives(before, after *subscriptions.Nation) {
	for _, a := range after.Alternatives {
		was, known := before.Alternative(a.ID)
		if !a.Retired && (movesMoney(after, a) || movesMoney(before, was)) && !sameText(was, a) {
			q.put(subscriptions.RegistryChange{Kind: subscriptions.ChangeAlternative, Agency: judge(was.Agency, a.Agency), Alternative: a.ID}, orNone(was, known), a)
		}
	}
}

// platforms: a broken paybill beside a service's name reads like a place to pay,
// so whatever becomes a name of a platform waits.
func (q *queue) platforms(before, stands, after *subscriptions.Nation) {
	for _, p := range after.Platforms {
		was, known := before.Platform(p.ID)
		is, _ := stands.Platform(p.ID)
		agency := judge(was.Operator, p.Operator)
		q.name(naming{subscriptions.ScopePlatform(p.ID), agency, p.Retired, was.Retired},
			subscriptions.Naming{Name: was.Name}, subscriptions.Naming{Name: is.Name}, subscriptions.Naming{Name: p.Name})
		known = known && !was.Retired
		if p.Retired || known && slices.Equal(was.Identifiers, p.Identifiers) || len(minus(p.Identifiers, is.Identifiers)) == 0 {
			continue
		}
		q.put(subscriptions.RegistryChange{Kind: subscriptions.ChangeIdentifiers, Agency: agency, Scope: subscriptions.ScopePlatform(p.ID)}, orNone(is.Identifiers, known), p.Identifiers)
	}
}

// ties: who speaks for a service, and where it is paid, follows from them. Those
// who have it decide, so a body is not taken from without its word.
func (q *queue) ties(before, stands, after *subscriptions.Nation) {
	for _, s := range after.Services {
		was, known := before.Service(s.ID)
		is, _ := stands.Service(s.ID)
		if !known && s.Replaces != "" {
			is, _ = stands.Service(s.Replaces)
		}
		q.tie(subscriptions.ScopeService(s.ID), known, s.Retired, subscriptions.TiesOf(was), subscriptions.TiesOf(is), subscriptions.TiesOf(s))
	}
	for _, p := range after.Platforms {
		was, known := before.Platform(p.ID)
		is, _ := stands.Platform(p.ID)
		if !known && p.Replaces != "" {
			is, _ = stands.Platform(p.Replaces)
		}
		q.tie(subscriptions.ScopePlatform(p.ID), known, p.Retired, subscriptions.TiesOfPlatform(was), subscriptions.TiesOfPlatform(is), subscriptions.TiesOfPlatform(p))
	}
}

// tie lets ties wait that do not stand. was are the catalogue's so far: what it
// said before, and waits or was refused, is not asked again.
func (q *queue) tie(of subscriptions.Scope, known, retired bool, was, is, next subscriptions.Ties) {
	if retired || known && next.Equal(was) {
		return
	}
	if is = next.Before(is); !next.Waits(is) {
		return
	}
	is.Codes = intersect(is.Codes, next.Codes) // to lose one never waits
	q.put(subscriptions.RegistryChange{Kind: subscriptions.ChangeTies, Agency: is.Agency, Scope: of}, is, next)
}

// hosts: a link to an official host passes every scan, so who becomes one waits.
// What stands in the catalogue already, and waits or was refused, is not asked again.
func (q *queue) hosts(before, stands, after *subscriptions.Nation) {
	for _, h := range after.OfficialHosts {
		same := func(o subscriptions.OfficialHost) bool { return o.Host == h.Host }
		if !slices.ContainsFunc(stands.OfficialHosts, same) && !slices.Contains(before.OfficialHosts, h) {
			q.put(subscriptions.RegistryChange{Kind: subscriptions.ChangeHost, Agency: h.Agency, Scope: subscriptions.ScopeHost(h.Host)}, nil, h)
		}
	}
	for _, s := range minus(after.DomainSuffixes, before.DomainSuffixes) {
		q.put(subscriptions.RegistryChange{Kind: subscriptions.ChangeHost, Scope: subscriptions.ScopeSuffix(s)}, nil, s)
	}
}

// naming is what has names: who judges them, and whether it is, and was, retired.
type naming struct {
	of      subscriptions.Scope
	agency  subscriptions.AgencyID
	retired bool
	revived bool
}

// name lets names wait that hold a number, a link or a money word which does not
// stand already. was is the catalogue's name so far, is the one that citizens read.
func (q *queue) name(of naming, was, is, next subscriptions.Naming) {
	known := !of.revived && len(is.Name) > 0
	if of.retired || !of.revived && maps.Equal(was.Texts(), next.Texts()) {
		return
	}
	stands := map[string]string{}
	if known {
		stands = is.Texts()
	}
	for key, text := range next.Texts() {
		if text == stands[key] || !temptsToPay(text) {
			continue
		}
		q.put(subscriptions.RegistryChange{Kind: subscriptions.ChangeName, Agency: of.agency, Scope: of.of}, orNone(is, known), next)
		return
	}
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
	return a.Agency == b.Agency && a.Payment == b.Payment && !a.Retired && maps.Equal(a.Text, b.Text) && slices.Equal(a.UseWhenDown, b.UseWhenDown)
}

// judge is the agency whose officers decide: the one that had it. An import that
// gives a destination to another agency is approved by those who lose it.
func judge(was, is subscriptions.AgencyID) subscriptions.AgencyID {
	if was != "" {
		return was
	}
	return is
}

// movesMoney reports whether an alternative could tell people to pay: it says so,
// it names a place to pay, or its words are those of money. Whoever writes the
// mark writes the text too, so the mark alone is no answer. A code that is dialled
// may be for asking only.
func movesMoney(n *subscriptions.Nation, a subscriptions.Alternative) bool {
	if namesPayment(n, a) {
		return true
	}
	for _, text := range a.Text {
		if temptsToPay(text) {
			return true
		}
	}
	return false
}

// namesPayment reports whether an alternative is marked as one that moves money,
// or names a place to pay.
func namesPayment(n *subscriptions.Nation, a subscriptions.Alternative) bool {
	return a.Payment || slices.ContainsFunc(n.Registry, func(e subscriptions.Entry) bool {
		return e.Destination && e.Type != "ussd" && names(a, e.ID)
	})
}

var references = regexp.MustCompile(`\{(dest|contact):[^{}]*\}`)

// temptsToPay reports whether a second officer must read a text, its references
// to the registry left aside.
func temptsToPay(text string) bool {
	two, _ := subscriptions.NeedsTwoOfficers(references.ReplaceAllString(text, " ; "))
	return two
}

// unheld finds a code or link in the names of a change that the registry, as it
// is in force, does not hold: a name may not be quicker than the number in it.
func unheld(n *subscriptions.Nation, c subscriptions.RegistryChange) *Refusal {
	var next subscriptions.Naming
	if c.Kind != subscriptions.ChangeName || json.Unmarshal([]byte(c.New), &next) != nil {
		return nil
	}
	for _, text := range next.Texts() {
		for _, f := range subscriptions.ScanText(text, n) {
			e, _ := n.Entry(f.Entry)
			if f.Platform == "" && (e.ID == "" || e.Retired || !e.Publishable) {
				r := no(5, "approve the number first, or refuse the name", "%s would hold %q, which no entry of the registry in force stands for", c.Of(), f.Piece)
				r.Findings = []subscriptions.Finding{f}
				return r
			}
		}
	}
	return nil
}
