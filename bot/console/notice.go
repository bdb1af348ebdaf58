package console

import (
	"fmt"
	"slices"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// noticeView is one notice with all that may be done with it.
type noticeView struct {
	subscriptions.Notice
	Incident *subscriptions.Incident
	Words    []wordsView
	Preview  *previewView // of an officer of its agency
	Progress progressView
	Posted   []subscriptions.Posting
	Changes  *changes // against what was said, or given back, before

	Approves, Edits, Submits, Publishes, Stops, Withdraws, Posts, Corrects bool
	// Blocked is why the officer may not approve, where somebody waits for an approver.
	Blocked string
	Asked   []desk.Asked
}

// wordsView are the frozen words of one language as a post shows them.
type wordsView struct {
	Language subscriptions.Language
	Words    subscriptions.Words
}

func showNotice(a *ask) error {
	n, err := a.notice()
	if err != nil {
		return err
	}
	v := noticeView{Notice: n, Posted: n.Posted}
	if n.Incident != 0 {
		i, err := a.c.Desk.Incident(a.ctx, n.Incident)
		if err != nil {
			return err
		}
		v.Incident = &i
	}
	mine := a.anyOf(n.Agency)
	switch {
	case mine:
		if v.Preview, err = a.previewOf(a.c.Desk.Preview(a.ctx, a.actor, n.ID, a.now)); err != nil {
			return err
		}
	case n.PublishedAt.IsZero():
		return web.Refuse(403, "This is not published, and it is %s's.", a.Agency(n.Agency))
	}
	for _, l := range a.nation.Languages {
		if w, ok := n.Sheet.Words[l]; ok {
			v.Words = append(v.Words, wordsView{l, w})
		}
	}
	if err := a.mayDo(&v); err != nil {
		return err
	}
	if !n.PublishedAt.IsZero() {
		if v.Progress, err = a.progress(n); err != nil {
			return err
		}
	}
	if n.State == subscriptions.Submitted {
		if v.Asked, err = a.c.Desk.Asked(a.ctx, n); err != nil {
			return err
		}
		if v.Approves {
			if err := a.c.Desk.Seen(a.ctx, a.actor, n.ID, a.now); err != nil {
				return err
			}
		}
	}
	if v.Changes, err = a.changesOf(n); err != nil {
		return err
	}
	return a.render(a.status(), "notice", fmt.Sprintf("%s: %s", a.NoticeName(n), a.Kind(n)), v)
}

// mayDo says which buttons stand on the page. The desk decides: a button that is
// not there can still be asked for, and is refused there.
func (a *ask) mayDo(v *noticeView) error {
	n, me := v.Notice, a.me()
	may := func(act desk.Act) bool { return desk.May(me, act, n.Agency) == nil }
	draft := n.State == subscriptions.Draft || n.State == subscriptions.Returned
	said := !n.PublishedAt.IsZero()
	v.Edits = draft && may(desk.ActDraft)
	two := v.Preview != nil && v.Preview.Two
	v.Submits = v.Edits && two
	v.Publishes = v.Edits && !two && v.Preview != nil && v.Preview.Refused == nil
	v.Stops = (n.State == subscriptions.Published || n.State == subscriptions.Submitted) && may(desk.ActStop)
	v.Withdraws = said && (n.State == subscriptions.Published || n.State == subscriptions.Stopped) && n.Kind != subscriptions.Correction && may(desk.ActWithdraw)
	v.Corrects = said && n.State != subscriptions.Withdrawn && may(desk.ActOf(subscriptions.Correction))
	v.Posts = said && may(desk.ActPosted)
	if n.State != subscriptions.Submitted {
		return nil
	}
	switch {
	case !may(desk.ActApprove):
		v.Blocked = "An approver of " + a.Agency(n.Agency) + " reads and approves it."
	case n.Author == me.ID, n.Submitter == me.ID:
		v.Blocked = "You wrote or submitted it, so another approver of " + a.Agency(n.Agency) + " reads it."
	default:
		v.Approves = true
	}
	return nil
}

func (a *ask) onNotice(do func(n subscriptions.Notice) (string, error)) (string, error) {
	n, err := a.notice()
	if err != nil {
		return "", err
	}
	return do(n)
}

func doSubmit(a *ask) (string, error) {
	return a.onNotice(func(n subscriptions.Notice) (string, error) {
		n, err := a.c.Desk.Submit(a.ctx, a.actor, n.ID, desk.SubmitInput{DropFree: a.dropped(), Request: a.request()}, a.now)
		return a.noticePath(n) + "?done=submitted", err
	})
}

func doPublish(a *ask) (string, error) {
	return a.onNotice(func(n subscriptions.Notice) (string, error) {
		return a.published(a.c.Desk.Publish(a.ctx, a.actor, desk.PublishInput{Notice: n.ID, DropFree: a.dropped(), Request: a.request()}, a.now))
	})
}

// doApprove publishes the very words that the page showed: their hash came with it.
func doApprove(a *ask) (string, error) {
	return a.onNotice(func(n subscriptions.Notice) (string, error) {
		p, err := a.proof()
		if err != nil {
			return "", err
		}
		out, err := a.c.Desk.Approve(a.ctx, a.actor, desk.ApproveInput{Notice: n.ID, Hash: a.Val("hash"), Code: p.Code, Passkey: p.Passkey, Request: a.request()}, a.now)
		if err == nil {
			err = a.proved()
		}
		return a.published(out, err)
	})
}

func doReturn(a *ask) (string, error) {
	return a.onNotice(func(n subscriptions.Notice) (string, error) {
		n, err := a.c.Desk.Return(a.ctx, a.actor, n.ID, a.Val("reason"), a.now)
		return a.noticePath(n) + "?done=returned", err
	})
}

func doDiscard(a *ask) (string, error) {
	return a.onNotice(func(n subscriptions.Notice) (string, error) {
		_, err := a.c.Desk.Discard(a.ctx, a.actor, n.ID, a.now)
		return Base + "/waiting?done=discarded", err
	})
}

func doStop(a *ask) (string, error) {
	return a.onNotice(func(n subscriptions.Notice) (string, error) {
		n, err := a.c.Desk.Stop(a.ctx, a.actor, n.ID, a.now)
		return a.noticePath(n) + "?done=stopped", err
	})
}

func doWithdraw(a *ask) (string, error) {
	return a.onNotice(func(n subscriptions.Notice) (string, error) {
		out, err := a.c.Desk.Withdraw(a.ctx, a.actor, n.ID, a.request(), a.now)
		if err != nil {
			return "", err
		}
		return a.noticePath(out.Notice) + "?done=withdrawn", nil
	})
}

func doPosted(a *ask) (string, error) {
	return a.onNotice(func(n subscriptions.Notice) (string, error) {
		at, err := a.when("at", "Posted at")
		if err != nil {
			return "", err
		}
		_, err = a.c.Desk.Posted(a.ctx, a.actor, desk.PostedInput{Notice: n.ID, Network: a.Val("network"), Language: subscriptions.Language(a.Val("language")), At: at}, a.now)
		return a.noticePath(n) + "?done=posted", err
	})
}

// PostedAs lists when a text was posted by hand.
func (v noticeView) PostedAs(network string, l subscriptions.Language) []subscriptions.Posting {
	return slices.DeleteFunc(slices.Clone(v.Posted), func(p subscriptions.Posting) bool { return p.Network != network || p.Language != l })
}
