package console

import (
	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// previewView shows what a form would say on every network, language beside
// language, and whom it would reach.
type previewView struct {
	desk.Preview
	Columns []column
	Minds   []string // what to weigh before it goes out
	// Why it cannot be shown; nil = it is.
	Refused *desk.Refusal
	// Two: a second officer is needed, so it is submitted and not published.
	Two    bool
	Verb   string // of the button that publishes: "Publish now"
	Drafts bool   // it can be kept as a draft
}

// column is one language's texts.
type column struct {
	Language subscriptions.Language
	Texts    []wording.Preview
	Short    string
}

// previewOf lays a preview out. A refusal is shown in its place.
func (a *ask) previewOf(p desk.Preview, err error) (*previewView, error) {
	v := &previewView{Preview: p, Two: len(p.TwoOfficers) > 0, Verb: "Publish now", Drafts: true}
	if v.Refused = refused(err); v.Refused != nil {
		return v, nil
	}
	if err != nil {
		return nil, err
	}
	v.Columns, v.Minds = a.columns(p), p.Mind(a.When)
	return v, nil
}

func (a *ask) columns(p desk.Preview) []column {
	var out []column
	for _, l := range a.nation.Languages {
		c := column{Language: l, Short: p.Short[l]}
		for _, t := range p.Networks {
			if t.Language == l {
				c.Texts = append(c.Texts, t)
			}
		}
		for _, t := range p.Texts {
			if t.Language == l {
				c.Texts = append(c.Texts, t)
			}
		}
		out = append(out, c)
	}
	return out
}

// Copied reports whether a text is copied by hand: nothing of ours sends it.
func (a *ask) Copied(p wording.Preview) bool {
	switch p.Network {
	case "sms", "x", "whatsapp", "radio":
		return true
	}
	return false
}

// look limits how often somebody has previews made.
func (a *ask) look() error {
	if !a.looking() {
		return nil
	}
	if wait := a.c.looks.Take(textOf(a.me().ID), a.now); wait > 0 {
		return web.TooMany(wait)
	}
	return nil
}

// bySubmit: what is submitted is of the two-officer column.
func bySubmit(a *ask) bool {
	do := a.Val("do")
	return do == "submit" || do == "submit-without"
}

// byAnswers: so is an end that tells people to pay again, or moves a deadline.
func byAnswers(a *ask) bool { return a.Val("payagain") == "yes" || a.Val("moved") == "yes" }

// dropped reports whether the free text is left out: "publish without this line".
func (a *ask) dropped() bool {
	return a.Val("do") == "submit-without" || a.Val("do") == "publish-without"
}
