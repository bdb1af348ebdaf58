package talk

import (
	"context"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// falsehood asks what kind of thing is false; the fake is never quoted.
func (u *turn) falsehood(_ context.Context, w work, arg string) ([]page, error) {
	if arg != "ours" {
		w.Notice = 0
	}
	p := page{title: "What is false?", work: w, lines: []string{"Two officers say it. The fake itself is never quoted."}}
	for _, f := range []struct {
		claim subscriptions.FalseClaim
		label string
	}{{subscriptions.FalsePayment, "A way to pay"}, {subscriptions.FalseNumber, "A number to call or text"}, {subscriptions.FalseLink, "A link"}, {subscriptions.FalseNews, "News"}} {
		p.rows = append(p.rows, []button{{f.label, "correct", string(f.claim)}})
	}
	p.rows = append(p.rows, u.back(w.Incident)...)
	return one(p), nil
}

func (u *turn) correct(ctx context.Context, w work, arg string) ([]page, error) {
	agency := w.Agency
	if mine := u.actor.Officer.SpeaksFor(); agency == "" && len(mine) > 0 {
		agency = mine[0]
	}
	w.Draft = &desk.DraftInput{Incident: w.Incident, Agency: agency, Kind: subscriptions.Correction, Corrects: w.Notice, Slots: subscriptions.Slots{False: subscriptions.FalseClaim(arg)}}
	w.Notice = 0
	return u.composed(ctx, w)
}

// advise begins an advisory: a sentence in every language.
func (u *turn) advise(ctx context.Context, w work, _ string) ([]page, error) {
	mine := u.actor.Officer.SpeaksFor()
	if len(mine) > 0 {
		w.Agency = mine[0]
	}
	w.Draft = &desk.DraftInput{Agency: w.Agency, Kind: subscriptions.Advisory}
	return u.typing(ctx, w, "free")
}

func (u *turn) goHome(ctx context.Context, _ work, _ string) ([]page, error) { return u.home(ctx) }

func (u *turn) goLock(context.Context, work, string) ([]page, error) { return u.lockNow() }
