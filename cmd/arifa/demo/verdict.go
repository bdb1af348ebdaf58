package demo

import (
	"fmt"
	"iter"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// grace is what the promises allow: no alert begins more than a second after
// restored was committed, and leaving holds within a second.
const grace = time.Second

// mostExamples is how many examples of each fault are told.
const mostExamples = 4

// verdict is what the ledger proves, by set difference against the crowd.
type verdict struct {
	missed, duplicates, strangers, stale, noEnd int
	sent, edited                                int
	hear, notHear                               int
	first                                       time.Duration // first message after the first word
	examples                                    []string
	wrong                                       int // services of the file that were judged wrong
}

// case against the program: everything that judge reads.
type evidence struct {
	*crowd
	incident Incident
	said     []*said
	quiets   []quiet // in order
	ledger   iter.Seq[telegramtest.Entry]
}

// judge walks the ledger once, in the order in which the network took the
// messages, and holds it against who follows what when: pure.
func judge(e evidence) verdict {
	j := newJudge(e)
	next := 0
	for entry := range e.ledger {
		for next < len(e.quiets) && e.quiets[next].at < entry.Accepted {
			j.atQuiet(next)
			next++
		}
		j.take(entry)
	}
	for ; next < len(e.quiets); next++ {
		j.atQuiet(next)
	}
	j.services()
	j.examplesOf()
	return j.verdict
}

// judging is the walk's memory: a few bytes for each citizen and notice.
type judging struct {
	evidence
	verdict
	keys   map[string]int // number of a key
	saidOf []int          // word of each key
	sends  [][]uint8      // by key and citizen: new messages, at most 255
	told   [][]bool       // by word and citizen: anything, edits included
	heard  []set          // told as failing, and not as ended
	maybe  []set          // perhaps told: the request began around the end
	faults map[string]*fault

	missing map[[2]int]bool // word and citizen, counted already
}

type fault struct {
	n        int
	examples []string
}

func newJudge(e evidence) *judging {
	j := &judging{evidence: e, keys: map[string]int{}, heard: make([]set, len(e.people)), maybe: make([]set, len(e.people)), faults: map[string]*fault{}, missing: map[[2]int]bool{}}
	for no, s := range e.said {
		for _, key := range s.keys {
			j.keys[key] = len(j.saidOf)
			j.saidOf = append(j.saidOf, no)
			j.sends = append(j.sends, make([]uint8, len(e.people)))
		}
		j.told = append(j.told, make([]bool, len(e.people)))
	}
	return j
}

// take judges one accepted message or edit.
func (j *judging) take(e telegramtest.Entry) {
	if e.Tag == "" || e.Kind != telegramtest.Send && e.Kind != telegramtest.Edit {
		return // the conversation, pins and buttons
	}
	key, known := j.keys[e.Tag]
	if !known {
		j.count(&j.strangers, "stranger", "notice %s reached somebody, but no officer has published it", e.Tag)
		return
	}
	no := j.saidOf[key]
	s := j.said[no]
	i32, isOurs := j.byChat[e.Chat]
	if !isOurs {
		j.count(&j.strangers, "stranger", "notice %s reached a chat that nobody here has", e.Tag)
		return
	}
	i := int(i32)
	if e.Kind == telegramtest.Send {
		j.send(i, key, e)
	} else {
		j.edited++
	}
	mine := j.hears(i, s.audience)
	j.told[no][i] = true
	if why := j.strange(i, s, mine, e); why != "" {
		j.count(&j.strangers, "stranger", "%s was told notice %s %s", j.who(i), e.Tag, why)
		return
	}
	switch s.sort {
	case alert:
		j.alerted(i, s, mine, e)
	case end:
		j.heard[i], j.maybe[i] = j.heard[i].minus(s.services), j.maybe[i].minus(s.services)
	}
}

func (j *judging) send(i, key int, e telegramtest.Entry) {
	j.sent++
	if s := j.said[j.saidOf[key]]; j.saidOf[key] == 0 && j.first == 0 {
		j.first = max(e.Accepted-s.committed, time.Millisecond)
	}
	if n := &j.sends[key][i]; *n < 255 {
		*n++
		if *n > 1 {
			j.count(&j.duplicates, "duplicate", "%s got notice %s as a new message %d times", j.who(i), e.Tag, *n)
		}
	}
}

// strange says why a citizen should not have been told, or "".
func (j *judging) strange(i int, s *said, mine set, e telegramtest.Entry) string {
	p := &j.people[i]
	switch {
	case e.Accepted < p.asked:
		return "before following anything"
	case p.left != never && e.Begun > p.left+grace:
		return "after leaving"
	case s.sort == end && j.heard[i].or(j.maybe[i]).and(s.services).empty():
		return "which ends what this citizen never heard of, or had the end of"
	case s.sort != end && mine.empty():
		return "without following anything that it tells"
	}
	return ""
}

// alerted notes what a citizen now knows to fail, and whether it was told in time.
func (j *judging) alerted(i int, s *said, mine set, e telegramtest.Entry) {
	before := mine
	if j.people[i].from > s.committed { // a late joiner is told all that stands
		for _, other := range j.said {
			if other.sort == alert && other.committed < e.Begun {
				mine = mine.or(j.hears(i, other.audience))
			}
		}
	}
	sure := mine.and(j.failingAt(e.Begun))
	j.heard[i] = j.heard[i].or(sure)
	j.maybe[i] = j.maybe[i].or(mine.minus(sure))
	if before.and(j.failingAt(e.Begun-grace)).empty() && e.Begun-grace > s.committed {
		j.count(&j.stale, "stale", "%s: the request for notice %s began %s after the end was committed", j.who(i), e.Tag, j.sinceEnd(before, e.Begun).Round(time.Millisecond))
	}
}

// failingAt is what the world says fails at a time.
func (j *judging) failingAt(at time.Duration) set {
	var f set
	for _, s := range j.said {
		if s.committed <= at {
			f = s.failing
		}
	}
	return f
}

func (j *judging) sinceEnd(services set, at time.Duration) time.Duration {
	for k := len(j.said) - 1; k >= 0; k-- {
		if s := j.said[k]; s.sort == end && s.committed <= at && !s.services.and(services).empty() {
			return at - s.committed
		}
	}
	return 0
}

// atQuiet asks, when the program had nothing left to do, what is still owed.
func (j *judging) atQuiet(q int) {
	now := j.quiets[q]
	firstNew := 0
	if q > 0 {
		firstNew = j.quiets[q-1].said
	}
	for i := range j.people {
		if p := &j.people[i]; p.from > now.at || p.leaving <= now.at {
			continue
		}
		j.owedAlert(i, now)
		j.owedWords(i, firstNew, now)
		if owed := j.heard[i].minus(now.failing); !owed.empty() {
			j.count(&j.noEnd, "no_end", "%s heard that %s fails, and never that it works again", j.who(i), j.ids(owed)[0])
			j.heard[i] = j.heard[i].and(now.failing) // once
		}
	}
}

// owedAlert: everyone whose services fail knows the newest word on them. Who
// arrived after it was said is told any that stands.
func (j *judging) owedAlert(i int, now quiet) {
	newest, any := -1, false
	for k := range j.said[:now.said] {
		s := j.said[k]
		if s.sort != alert || j.hears(i, s.audience).and(now.failing).empty() {
			continue
		}
		newest, any = k, any || j.told[k][i]
	}
	switch {
	case newest < 0 || j.told[newest][i] || j.missing[[2]int{newest, i}]:
		return
	case j.people[i].from > j.said[newest].begun && any:
		return
	case j.said[newest].cut && j.toldAfter(i, newest, now.said):
		return
	}
	j.count(&j.missed, "missed", "%s was never told notice %s, which tells %s", j.who(i), j.said[newest].keys[0], j.ids(j.hears(i, j.said[newest].audience))[0])
	j.missing[[2]int{newest, i}] = true
}

func (j *judging) toldAfter(i, newest, until int) bool {
	for k := newest + 1; k < until; k++ {
		if j.told[k][i] {
			return true
		}
	}
	return false
}

// owedWords: a correction reaches its whole audience.
func (j *judging) owedWords(i, first int, now quiet) {
	for k := first; k < now.said; k++ {
		s := j.said[k]
		if s.sort == word && j.people[i].from <= s.begun && !j.told[k][i] && !j.hears(i, s.audience).empty() {
			j.count(&j.missed, "missed", "%s was never told notice %s", j.who(i), s.keys[0])
		}
	}
}

// services holds the lists of the file against people who follow one service and
// nothing else.
func (j *judging) services() {
	followers, reached := make([]int, len(j.crowd.services)), make([]int, len(j.crowd.services))
	for i := range j.people {
		if !j.people[i].loner {
			continue
		}
		id, _ := j.scopes[j.scopesOf(i)[0]].Service()
		no := j.number[id]
		followers[no]++
		for k := range j.said {
			if j.told[k][i] {
				reached[no]++
				break
			}
		}
	}
	check := func(ids []subscriptions.ServiceID, counted *int, right func(no int) bool, complaint string) {
		for _, id := range ids {
			switch no := j.number[id]; {
			case followers[no] == 0:
			case right(no):
				*counted++
			default:
				j.count(&j.wrong, "service", complaint, id, reached[no], followers[no])
			}
		}
	}
	check(j.incident.Hear, &j.hear, func(no int) bool { return reached[no] == followers[no] }, "%s must be heard of, but only %d of its %d followers were told")
	check(j.incident.NotHear, &j.notHear, func(no int) bool { return reached[no] == 0 }, "%s must not be heard of, but %d of its %d followers were told")
}

func (j *judging) count(n *int, name, format string, args ...any) {
	*n++
	f := j.faults[name]
	if f == nil {
		f = &fault{}
		j.faults[name] = f
	}
	if f.n++; len(f.examples) < mostExamples {
		f.examples = append(f.examples, name+": "+fmt.Sprintf(format, args...))
	}
}

func (j *judging) examplesOf() {
	for _, name := range []string{"missed", "duplicate", "stranger", "stale", "no_end", "service"} {
		f := j.faults[name]
		if f == nil {
			continue
		}
		j.examples = append(j.examples, f.examples...)
		if more := f.n - len(f.examples); more > 0 {
			j.examples = append(j.examples, fmt.Sprintf("%s: and %d more", name, more))
		}
	}
}

// who describes a simulated citizen by what it follows and does.
func (j *judging) who(i int) string {
	p := &j.people[i]
	name := [...]string{"a person", "a group", "a channel", "a channel in Slack"}[p.kind]
	does := map[part]string{lost: " who had blocked the bot", late: " who arrived in mid-outage", stops: " who said STOP", blocks: " who blocked the bot"}[p.part]
	text := fmt.Sprintf("%s (no. %d)%s that follows %s", name, i, does, j.scopes[j.scopesOf(i)[0]])
	if p.scopes > 1 {
		text += fmt.Sprintf(" and %d more", p.scopes-1)
	}
	return text
}
