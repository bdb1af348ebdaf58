package demo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/slack"
	"arifa/notifiers/slack/slacktest"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// SlackSetting is the workspace with which the program is started.
type SlackSetting struct {
	BotToken, AppToken, API, Room string
	Rate                          float64
}

// workspace is the simulated Slack: followers' channels, and the officers' channel.
type workspace struct {
	*slacktest.Server
	lane   subscriptions.LaneID
	chats  map[string]int64 // followers' channels, as the crowd knows them
	people map[subscriptions.OfficerID]string
}

const (
	officersRoom = "G0OFFICERS"
	// firstSlack is where the crowd's numbers of Slack's channels begin.
	firstSlack = -2_000_000_000_001
	slackRate  = 15
)

// newWorkspace opens one, with its limits raised in proportion as Telegram's are.
func newWorkspace(p pace, c *Clock) *workspace {
	limits := slacktest.Limits{PerChannel: float64(time.Second) / float64(p.chatEvery), PerChannelBurst: 5, Workspace: slackRate * 60 * 30 / 28, Tiers: slacktest.DefaultLimits().Tiers}
	s := slacktest.New(slacktest.Config{Clock: c.Now, Limits: &limits, Tag: Tag, Scopes: slack.Scopes(), Events: slack.Events(), Commands: []string{slack.Command}})
	s.AddChannel(slacktest.Channel{ID: officersRoom, Name: "officers", Private: true, Members: []string{slacktest.BotUser}})
	return &workspace{Server: s, lane: slack.LaneOf(s.Team()), chats: map[string]int64{}, people: map[subscriptions.OfficerID]string{}}
}

func (w *workspace) setting() *SlackSetting {
	if w == nil {
		return nil
	}
	c := w.Config()
	return &SlackSetting{BotToken: c.BotToken, AppToken: c.AppToken, API: w.URL(), Room: officersRoom, Rate: slackRate}
}

// enter brings the followers' channels into the crowd: one of everything, one of a
// ministry's.
func (w *workspace) enter(c *crowd) {
	m := maker{crowd: c}
	for n, s := range []subscriptions.Scope{subscriptions.ScopeAll, subscriptions.ScopeAgency("kra")} {
		no, ok := c.scopeNo[s]
		if !ok {
			continue
		}
		id, chat := fmt.Sprintf("C0FOLLOW%d", n), int64(firstSlack-n)
		w.AddChannel(slacktest.Channel{ID: id, Name: fmt.Sprint("news-", n), Members: []string{slacktest.BotUser}})
		w.chats[id] = chat
		m.enter(citizen{chat: chat, kind: slackChannel}, []uint16{no})
	}
}

// idOf is the channel that the crowd knows by a number.
func (w *workspace) idOf(chat int64) string {
	for id, c := range w.chats {
		if c == chat {
			return id
		}
	}
	return ""
}

// ledger is what all networks took, in the order in which they took it: the officers'
// own channel is no public one and is left out.
func (r *rehearsal) ledger() iter.Seq[telegramtest.Entry] {
	if r.slack == nil {
		return r.server.Entries()
	}
	later := r.slack.Epoch().Sub(r.server.Epoch())
	var theirs []telegramtest.Entry
	for _, e := range r.slack.Entries() {
		chat, follows := r.slack.chats[e.Channel]
		kind := map[slacktest.Kind]telegramtest.Kind{slacktest.Send: telegramtest.Send, slacktest.Edit: telegramtest.Edit}
		if what, told := kind[e.Kind]; follows && told {
			theirs = append(theirs, telegramtest.Entry{Begun: e.Begun + later, Accepted: e.Accepted + later, At: e.At, Chat: chat, Kind: what, Hash: e.Hash, Tag: e.Tag})
		}
	}
	return func(yield func(telegramtest.Entry) bool) {
		for e := range r.server.Entries() {
			for len(theirs) > 0 && theirs[0].Accepted < e.Accepted {
				if !yield(theirs[0]) {
					return
				}
				theirs = theirs[1:]
			}
			if !yield(e) {
				return
			}
		}
		for _, e := range theirs {
			if !yield(e) {
				return
			}
		}
	}
}

// faults are what Slack would have held against the program.
func (w *workspace) faults() (all []string) {
	if n := len(w.Violations()); n > 0 {
		all = append(all, fmt.Sprintf("slack: %d requests were sent inside a Retry-After", n))
	}
	for _, f := range w.Refused() {
		if strings.HasPrefix(f.Code, "invalid_") || strings.HasPrefix(f.Code, "msg_") || f.Code == "missing_scope" || f.Code == "unknown_method" {
			all = append(all, fmt.Sprintf("slack: %s was refused: %s", f.Method, f.Code))
		}
	}
	return all[:min(len(all), mostExamples)]
}

// told counts the followers' channels' messages, edits included.
func (w *workspace) told() (n int) {
	for _, e := range w.Entries() {
		if _, follows := w.chats[e.Channel]; follows && (e.Kind == slacktest.Send || e.Kind == slacktest.Edit) {
			n++
		}
	}
	return n
}

// joinWorkspace ties the accounts of the two officers of one agency to them; its
// notices that need a second officer are approved in Slack from then on.
func (r *rehearsal) joinWorkspace(ctx context.Context) error {
	if r.slack == nil {
		return nil
	}
	for _, s := range r.incident.Replay {
		if s.Act != ActAlternative {
			continue
		}
		for _, who := range []desk.Actor{r.office.author[s.By], r.office.approver[s.By]} {
			if err := r.linkInSlack(ctx, who); err != nil {
				return fmt.Errorf("an officer's account in Slack: %w", err)
			}
		}
		by := s.By
		r.office.second = func(ctx context.Context, agency subscriptions.AgencyID, n subscriptions.Notice) (desk.Outcome, bool, error) {
			if agency != by {
				return desk.Outcome{}, false, nil
			}
			out, err := r.approveInSlack(ctx, r.office.approver[by], n)
			return out, true, err
		}
		return nil
	}
	return nil
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
