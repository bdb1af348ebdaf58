package desk

import (
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// besideWords makes the words of a notice beside another one: of the incident as
// the other one leaves it. What is held reads there that the operator says it
// works again and that its agency does not confirm it.
func (d *Desk) besideWords(s situation, p plan, m subscriptions.Notice) (subscriptions.Notice, error) {
	sheet, err := d.Config.Speaker.Sheet(wording.Facts{
		Nation: s.nation, Incident: p.after, Notice: m, Statements: statements(s, m), Host: d.Config.Host, Zone: s.nation.Location(), Now: s.now,
	})
	if err != nil {
		return m, err
	}
	m.Sheet = sheet
	m.Hash = m.Digest()
	return m, nil
}
