package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"arifa/bot/desk"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/subscriptions"
)

// joinWorkspace ties the accounts of the two officers of one agency to them: its other
// way is written and approved in Slack, while everybody else stays where they are.
func (r *rehearsal) joinWorkspace(ctx context.Context) error {
	by, ok := r.worksInSlack()
	if !ok {
		return nil
	}
	author, approver := r.office.author[by], r.office.approver[by]
	for _, who := range []desk.Actor{author, approver} {
		if err := r.linkInSlack(ctx, who); err != nil {
			return fmt.Errorf("an officer's account in Slack: %w", err)
		}
	}
	r.office.first = func(ctx context.Context, in desk.DraftInput) (subscriptions.Notice, bool, error) {
		if in.Agency != by || in.Kind != subscriptions.AlternativeNotice {
			return subscriptions.Notice{}, false, nil
		}
		n, err := r.writeInSlack(ctx, author, in)
		return n, true, err
	}
	r.office.second = func(ctx context.Context, agency subscriptions.AgencyID, n subscriptions.Notice) (desk.Outcome, bool, error) {
		if agency != by {
			return desk.Outcome{}, false, nil
		}
		out, err := r.approveInSlack(ctx, approver, n)
		return out, true, err
	}
	return nil
}

// worksInSlack is the agency whose officers act there: the one that tells another way.
func (r *rehearsal) worksInSlack() (subscriptions.AgencyID, bool) {
	k := slices.IndexFunc(r.incident.Replay, func(s Step) bool { return s.Act == ActAlternative })
	if r.slack == nil || k < 0 {
		return "", false
	}
	return r.incident.Replay[k].By, true
}

func (r *rehearsal) linkInSlack(ctx context.Context, who desk.Actor) error {
	uid := fmt.Sprintf("U0OFFICER%d", who.Officer.ID)
	r.slack.AddUser(slacktest.User{ID: uid, Name: strings.ToLower(uid)})
	r.slack.Invite(officersRoom, uid)
	code, err := r.office.desk.StartLink(ctx, who, who.Officer.ID, r.clock.Now())
	if err != nil {
		return err
	}
	d, err := r.slack.Command(uid, officersRoom, slack.Command, "link "+code)
	if err != nil {
		return err
	}
	if !d.Wait().OK {
		return errors.New("/arifa link was not acknowledged")
	}
	waits, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err = r.slack.WaitEphemeral(waits, uid, func(m slacktest.Message) bool { return strings.Contains(m.Text, "This chat is now") })
	r.slack.people[who.Officer.ID] = uid
	return err
}

// writeInSlack is the author: she types /arifa, opens her desk with six digits, goes to
// the incident and its other ways, reads the words and submits them.
func (r *rehearsal) writeInSlack(ctx context.Context, who desk.Actor, in desk.DraftInput) (subscriptions.Notice, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	uid := r.slack.people[who.Officer.ID]
	d, err := r.slack.Command(uid, officersRoom, slack.Command, "")
	if err != nil || !d.Wait().OK {
		return subscriptions.Notice{}, errors.Join(err, errors.New("/arifa was not acknowledged"))
	}
	if err := r.typeDigits(ctx, uid, who, "Locked"); err != nil {
		return subscriptions.Notice{}, fmt.Errorf("the desk's digits: %w", err)
	}
	for _, step := range [][2]string{{"The desk: ", fmt.Sprint("Incident ", in.Incident)}, {fmt.Sprint("Incident ", in.Incident), "Another way …"},
		{"Which other way?", string(in.Slots.Alternatives[0])}, {"Preview: alternative", "Submit to a second officer"}} {
		if err := r.tapInSlack(ctx, uid, step[0], step[1]); err != nil {
			return subscriptions.Notice{}, fmt.Errorf("%s: %w", step[1], err)
		}
	}
	if _, err := r.slack.WaitModal(ctx, uid, func(v slacktest.View) bool { return strings.Contains(v.Text, "waits for a second officer") }); err != nil {
		return subscriptions.Notice{}, fmt.Errorf("submit: %w", err)
	}
	r.slack.CloseModal(uid)
	r.screen.say("", "The author writes it in Slack: /arifa, six digits, the incident, the other way; she reads the words in the window and submits them.")
	return r.submitted(ctx, who, in)
}

// tapInSlack presses a button of the open window, once it shows a text and the button.
func (r *rehearsal) tapInSlack(ctx context.Context, uid, shows, label string) error {
	if _, err := r.slack.WaitModal(ctx, uid, func(v slacktest.View) bool { return strings.Contains(v.Text, shows) && v.Has(label) }); err != nil {
		return err
	}
	d, err := r.slack.PressIn(uid, label)
	if err == nil && !d.Wait().OK {
		err = errors.New("the press was not acknowledged")
	}
	return err
}

// submitted is the notice that came of the author's taps.
func (r *rehearsal) submitted(ctx context.Context, who desk.Actor, in desk.DraftInput) (subscriptions.Notice, error) {
	all, err := r.office.desk.Notices(ctx, in.Incident, subscriptions.Submitted)
	if err != nil {
		return subscriptions.Notice{}, err
	}
	k := slices.IndexFunc(all, func(n subscriptions.Notice) bool { return n.Submitter == who.Officer.ID && n.Kind == in.Kind })
	if k < 0 || !slices.Equal(all[k].Slots.Alternatives, in.Slots.Alternatives) {
		return subscriptions.Notice{}, errors.New("what was submitted in Slack is not what was meant")
	}
	return all[k], nil
}

// approveInSlack is the second officer in the officers' channel: she reads the words
// there, presses, opens her desk with six digits, and approves with six more.
func (r *rehearsal) approveInSlack(ctx context.Context, who desk.Actor, n subscriptions.Notice) (desk.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	uid := r.slack.people[who.Officer.ID]
	m, err := r.slack.WaitFor(ctx, officersRoom, func(m slacktest.Message) bool {
		return strings.Contains(m.Text, n.Key.Short()+" waits for a second officer")
	})
	if err != nil {
		return desk.Outcome{}, err
	}
	d, err := r.slack.Press(uid, officersRoom, m.TS, "Approve")
	if err != nil || !d.Wait().OK {
		return desk.Outcome{}, errors.Join(err, errors.New("the press was not acknowledged"))
	}
	for _, shows := range []string{"Locked", "Approve " + n.Key.Short()} {
		if err := r.typeDigits(ctx, uid, who, shows); err != nil {
			return desk.Outcome{}, fmt.Errorf("%s: %w", shows, err)
		}
	}
	if _, err := r.slack.WaitModal(ctx, uid, func(v slacktest.View) bool {
		return strings.Contains(v.Text, n.Key.Short()+" ") && strings.Contains(v.Text, "out")
	}); err != nil {
		return desk.Outcome{}, err
	}
	r.screen.say("", "The second officer reads it in the officers' channel in Slack, taps Approve and types six digits.")
	return r.outcomeOf(ctx, n)
}

func (r *rehearsal) typeDigits(ctx context.Context, uid string, who desk.Actor, shows string) error {
	if _, err := r.slack.WaitModal(ctx, uid, func(v slacktest.View) bool { return strings.Contains(v.Text, shows) && len(v.Inputs) > 0 }); err != nil {
		return err
	}
	code, at, err := r.office.digits(who, r.clock.Now())
	if err != nil {
		return err
	}
	r.clock.Leap(at)
	if err := r.slack.Fill(uid, "Your six digits", code); err != nil {
		return err
	}
	d, err := r.slack.Submit(uid)
	if err == nil && !d.Wait().OK {
		err = errors.New("the digits were not acknowledged")
	}
	return err
}

// outcomeOf is what a deed in a window led to, as the desk tells it afterwards.
func (r *rehearsal) outcomeOf(ctx context.Context, n subscriptions.Notice) (desk.Outcome, error) {
	i, err := r.office.desk.Incident(ctx, n.Incident)
	if err != nil {
		return desk.Outcome{}, err
	}
	all, err := r.office.desk.Notices(ctx, n.Incident, subscriptions.Published)
	out := desk.Outcome{Incident: i}
	for _, one := range all {
		switch {
		case one.ID == n.ID:
			out.Notice = one
		case r.keys[one.Key]:
		case out.Beside == nil:
			out.Beside = &one
		default:
			out.Others = append(out.Others, one)
		}
	}
	if err == nil && out.Notice.ID == 0 {
		err = fmt.Errorf("%s was approved in Slack, and is not published", n.Key)
	}
	return out, err
}
