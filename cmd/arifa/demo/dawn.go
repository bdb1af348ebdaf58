package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"arifa/bot/desk"
	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// How the complaints come: so many citizens, one after the other, and how often the
// program looks. Fewer than ten complaints wake nobody, so a small crowd has none.
const (
	complaints = 14
	apart      = 6 * time.Second
	look       = 15 * time.Second
	// beforeWord is how long before the first word people complain where the record
	// has no complaint.
	beforeWord = 4 * time.Minute
	// patient is how long the program may look before the demo goes on without it.
	patient = 3 * time.Minute
)

// dawn is what came before the first word. Times are simulated.
type dawn struct {
	complained int
	begun      time.Time // the first complaint; zero = none was simulated
	tenth      time.Time
	woken      time.Time // officers are called
	alarm      subscriptions.AlarmID
	spoken     time.Time // the first word
	fromPhone  bool
	works, of  int // of the sample: it works for them
}

// firstWord is the step that opens an unplanned trouble; -1 = there is none.
func (i Incident) firstWord() int {
	for k, s := range i.Replay {
		if s.Act == ActOpen {
			if s.Kind == subscriptions.Maintenance {
				return -1
			}
			return k
		}
	}
	return -1
}

// complains says what fails when the first word is said: whose followers complain
// before it.
func (a *atlas) complains(i Incident) (failing set) {
	if k := i.firstWord(); k >= 0 {
		w := &world{atlas: a}
		s := i.Replay[k]
		w.claim(s.By, s.Platforms, s.Services)
		failing = w.failing()
	}
	return failing
}

// complainers enters those who say that it fails, each with one of the services.
func (m *maker) complainers(people int) {
	n := min(complaints, people/8)
	services := m.ids(m.complains(m.incident))
	if n < 10 || len(services) == 0 {
		return
	}
	for k := range n {
		id := services[k*len(services)/n]
		m.enter(citizen{chat: firstPerson + int64(len(m.people)), part: complains, swahili: k%2 == 0}, []uint16{m.scopeNo[subscriptions.ScopeService(id)]})
	}
}

// troubled reports whether people complain at this step of the record.
func (s Step) troubled() bool { return s.Act == ActNothing && len(s.Platforms)+len(s.Services) > 0 }

// dawnBefore lets people complain before the first word where the record has no
// complaint of its own.
func (r *rehearsal) dawnBefore(ctx context.Context, k int) error {
	if k != r.incident.firstWord() || !r.dawn.begun.IsZero() {
		return nil
	}
	if err := r.advance(ctx, r.incident.Replay[k].At.Add(-beforeWord)); err != nil {
		return err
	}
	return r.complain(ctx)
}

// dawnAt lets people complain at the first complaint of the record.
func (r *rehearsal) dawnAt(ctx context.Context, k int) error {
	if k >= r.incident.firstWord() || !r.dawn.begun.IsZero() || !r.incident.Replay[k].troubled() {
		return nil
	}
	return r.complain(ctx)
}

// complain lets citizens say one after the other that it fails for them, while the
// program looks every quarter of a minute, until officers are called.
func (r *rehearsal) complain(ctx context.Context) error {
	begun, looked := r.clock.Now(), r.clock.Now()
	for i := range r.crowd.people {
		if r.crowd.people[i].part != complains {
			continue
		}
		r.clock.Leap(begun.Add(time.Duration(r.dawn.complained) * apart))
		if err := r.report(ctx, i); err != nil {
			return fmt.Errorf("complaint: %w", err)
		}
		if r.dawn.complained++; r.dawn.complained == 10 {
			r.dawn.tenth = r.clock.Now()
		}
		if r.dawn.begun.IsZero() {
			r.dawn.begun = begun
		}
		if now := r.clock.Now(); now.Sub(looked) >= look && r.dawn.alarm == 0 {
			looked = now
			if err := r.watch(ctx); err != nil {
				return err
			}
		}
	}
	if r.dawn.complained == 0 {
		return nil
	}
	for end := r.clock.Now().Add(patient); r.dawn.alarm == 0 && r.clock.Now().Before(end); {
		r.clock.Leap(r.clock.Now().Add(look))
		if err := r.watch(ctx); err != nil {
			return err
		}
	}
	r.screen.complained(r)
	return nil
}

// watch lets the program look at what people and machines say.
func (r *rehearsal) watch(ctx context.Context) error {
	now := r.clock.Now()
	if err := r.program.Watch(ctx, now); err != nil {
		return err
	}
	if r.dawn.alarm != 0 || r.dawn.begun.IsZero() {
		return nil
	}
	all, err := r.program.Store.Alarms(ctx, now)
	for _, a := range all {
		if a.Live() {
			r.dawn.alarm, r.dawn.woken = a.ID, now
		}
	}
	return err
}

// report is a citizen who says that a service fails, and how they paid.
func (r *rehearsal) report(ctx context.Context, i int) error {
	p := &r.crowd.people[i]
	service, _ := r.crowd.scopes[r.crowd.scopesOf(i)[0]].Service()
	s, _ := r.crowd.nation.Service(service)
	lang := subscriptions.Language("en")
	if p.swahili {
		lang = "sw"
	}
	t := talk{r: r, chat: p.chat}
	if _, err := r.server.Say(p.chat, "/report "+strings.ToLower(s.Name.In(lang))); err != nil {
		return err
	}
	counted := func(data string) bool { return strings.HasPrefix(data, "tried ") }
	listed := func(data string) bool { return data == "report "+string(service) }
	m, err := t.answer(ctx, func(m telegramtest.Message) bool { return buttonOf(m, counted)+buttonOf(m, listed) != "" })
	if err != nil {
		return fmt.Errorf("%s: %w", service, err)
	}
	if buttonOf(m, counted) == "" {
		if _, err := r.server.Press(p.chat, m.ID, buttonOf(m, listed)); err != nil {
			return err
		}
		return t.press(ctx, counted)
	}
	_, err = r.server.Press(p.chat, m.ID, buttonOf(m, counted))
	return err
}

// fromPhone publishes the first word by the tap on the wake-up, where the alarm says
// what the record's officer says; false = she opens the incident herself.
func (r *rehearsal) fromPhone(ctx context.Context, s Step) (desk.Outcome, bool, error) {
	if r.dawn.alarm == 0 {
		return desk.Outcome{}, false, nil
	}
	a, err := r.program.Store.Alarm(ctx, r.dawn.alarm)
	if err != nil || !a.Live() || a.Agency != s.By || len(s.Services) > 0 || len(s.Platforms) != 1 || a.Platform != s.Platforms[0] {
		return desk.Outcome{}, false, err
	}
	who, chat := r.office.author[s.By], r.office.phone[s.By]
	if r.cfg.WithoutDuty {
		if err := r.nobodyAnswers(ctx, a); err != nil {
			return desk.Outcome{}, false, err
		}
		who, chat = r.office.approver[s.By], r.office.headPhone[s.By]
	}
	if err := r.tapPublish(ctx, who, chat); err != nil {
		return desk.Outcome{}, false, fmt.Errorf("the wake-up on the phone: %w", err)
	}
	out, err := r.alarmSpoke(ctx)
	r.dawn.fromPhone = err == nil
	return out, err == nil, err
}

// tapPublish is one tap and, because the chat was locked, six digits.
func (r *rehearsal) tapPublish(ctx context.Context, who desk.Actor, chat int64) error {
	t := talk{r: r, chat: chat}
	m, err := t.answer(ctx, func(m telegramtest.Message) bool {
		return strings.Contains(m.Text, "Wake-up") && label(m, "Publish …") != ""
	})
	if err != nil {
		return err
	}
	r.screen.wakeUp(r, m)
	if _, err := r.server.Press(chat, m.ID, label(m, "Publish …")); err != nil {
		return err
	}
	if err := t.heard(ctx, func(m telegramtest.Message) bool { return strings.Contains(m.Text, "six digits") }); err != nil {
		return err
	}
	code, at, err := r.office.digits(who, r.clock.Now())
	if err != nil {
		return err
	}
	r.clock.Leap(at)
	if _, err := r.server.Say(chat, code); err != nil {
		return err
	}
	return nil
}

func label(m telegramtest.Message, text string) string {
	b, _ := m.Button(text)
	return b.Data
}

// alarmSpoke waits until the alarm has led to a notice.
func (r *rehearsal) alarmSpoke(ctx context.Context) (desk.Outcome, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("the officer tapped, and nothing was published"))
	defer cancel()
	for {
		a, err := r.program.Store.Alarm(ctx, r.dawn.alarm)
		if err != nil {
			return desk.Outcome{}, err
		}
		if a.State == subscriptions.AlarmSpoken {
			i, err := r.office.desk.Incident(ctx, a.Incident)
			if err != nil {
				return desk.Outcome{}, err
			}
			notices, err := r.office.desk.Notices(ctx, i.ID, subscriptions.Published)
			if err != nil || len(notices) == 0 {
				return desk.Outcome{}, errors.Join(errors.New("the alarm has no notice"), err)
			}
			return desk.Outcome{Notice: notices[0], Incident: i}, nil
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return desk.Outcome{}, err
		}
	}
}

// nobodyAnswers lets the time pass in which the next one and then the head are called.
func (r *rehearsal) nobodyAnswers(ctx context.Context, a subscriptions.Alarm) error {
	for _, after := range []time.Duration{subscriptions.NextAfter, subscriptions.HeadAfter} {
		r.clock.Leap(a.OpenedAt.Add(after + time.Second))
		if err := r.watch(ctx); err != nil {
			return err
		}
		now, err := r.program.Store.Alarm(ctx, a.ID)
		if err != nil {
			return err
		}
		r.screen.escalated(r, now)
	}
	return nil
}

// sample lets those who were asked whether it works answer, right after an end: all
// but one of them yes.
func (r *rehearsal) sample(ctx context.Context, s Step) error {
	if r.dawn.complained == 0 || r.dawn.of > 0 || s.Act != ActRestored {
		return nil
	}
	i, err := r.office.desk.Incident(ctx, r.id)
	if err != nil || !i.State.Over() {
		return err
	}
	if err := r.watch(ctx); err != nil {
		return err
	}
	n := 0
	for k := range r.crowd.people {
		if r.crowd.people[k].part != complains {
			continue
		}
		asked, err := r.worksFor(ctx, k, n)
		if err != nil {
			return fmt.Errorf("is it working: %w", err)
		}
		if asked {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return r.sampled(ctx, n)
}

// questionFor is how long a citizen waits for the question, which not everybody gets.
const questionFor = 3 * time.Second

// worksFor is a citizen who answers the question; the first says no.
func (r *rehearsal) worksFor(ctx context.Context, i, n int) (asked bool, err error) {
	want := " yes"
	if n == 0 {
		want = " no"
	}
	is := func(data string) bool {
		return strings.HasPrefix(data, "works ") && strings.Contains(data+" ", want+" ")
	}
	waits, cancel := context.WithTimeout(ctx, questionFor)
	defer cancel()
	chat := r.crowd.people[i].chat
	m, err := r.server.WaitFor(waits, chat, func(m telegramtest.Message) bool { return m.FromBot && buttonOf(m, is) != "" })
	if err != nil {
		return false, context.Cause(ctx) // nobody asked: not everybody is
	}
	_, err = r.server.Press(chat, m.ID, buttonOf(m, is))
	return true, err
}

// sampled waits until the answers are counted.
func (r *rehearsal) sampled(ctx context.Context, answers int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("answers were not counted"))
	defer cancel()
	for {
		s, err := r.office.desk.SampleAnswers(ctx, r.id)
		if err != nil {
			return err
		}
		if v := s.Verdict; v.Answers >= answers {
			r.dawn.works, r.dawn.of = v.Works, v.Answers
			r.screen.sampled(r)
			return nil
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// falseWakeUps counts the alarms that are about nothing that failed.
func (r *rehearsal) falseWakeUps(ctx context.Context) (int, error) {
	all, err := r.program.Store.Alarms(ctx, r.incident.Replay[0].At.Add(-24*time.Hour).UTC())
	return r.crowd.falseWakeUps(r.incident, all), err
}

// falseWakeUps counts alarms of whose services none did fail: which of several
// platforms that hang on each other is to blame is the officers' question.
func (c *crowd) falseWakeUps(i Incident, all []subscriptions.Alarm) (n int) {
	for _, a := range all {
		if c.set(a.Services).and(c.complains(i)).empty() {
			n++
		}
	}
	return n
}

// firstWordSeconds is the time from the first complaint to the first word; nil where
// nobody complained.
func (r *rehearsal) firstWordSeconds() *float64 {
	if r.dawn.begun.IsZero() || r.dawn.spoken.IsZero() {
		return nil
	}
	s := r.dawn.spoken.Sub(r.dawn.begun).Seconds()
	return &s
}
