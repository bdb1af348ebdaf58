package subscriptions

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Record is an incident as it can be laid before the public: who spoke when, what
// was promised and kept, and how far it reached. There is no person in it, citizen
// or officer, and it is the same whenever it is asked for once the incident is over,
// so that it can be signed.
type Record struct {
	Version     int           `json:"version"`
	Incident    IncidentID    `json:"incident"`
	Maintenance bool          `json:"maintenance"`
	Owner       AgencyID      `json:"owner"`
	State       IncidentState `json:"state"`
	Rounds      int           `json:"rounds"`
	Platforms   []PlatformID  `json:"platforms"` // ever named as broken
	Services    []ServiceID   `json:"services"`  // ever confirmed as affected
	Since       time.Time     `json:"since"`
	SinceApprox bool          `json:"since_approx"`
	Opened      time.Time     `json:"opened"`
	Ended       time.Time     `json:"ended,omitzero"`

	FirstReport time.Time `json:"first_report,omitzero"`
	FirstSignal time.Time `json:"first_signal,omitzero"`
	FirstWord   time.Time `json:"first_word,omitzero"`
	// Silence is how long it took from the first report or signal to the first word.
	Silence *Seconds `json:"silence_seconds,omitempty"`

	Reports      ReportSummary       `json:"reports"`
	WakeUps      []RecordCall        `json:"wake_ups"`
	Answers      []RecordAnswer      `json:"answers"`
	Notices      []RecordNotice      `json:"notices"`
	Promises     []RecordPromise     `json:"promises"`
	Alternatives []RecordAlternative `json:"alternatives"`
	Samples      []RecordSample      `json:"samples"`
	Reach        []RecordReach       `json:"reach"` // of all notices together, by lane
	Timeline     []Moment            `json:"timeline"`
}

// Seconds of a span.
type Seconds int64

// RecordCall is one wake-up; of the officers only how many.
type RecordCall struct {
	At       time.Time `json:"at"`
	Agency   AgencyID  `json:"agency"`
	Step     AlarmStep `json:"step"`
	Officers int       `json:"officers"`
	Seen     time.Time `json:"seen,omitzero"` // by the first who opened it
}

// RecordAnswer is what an agency answered to a wake-up.
type RecordAnswer struct {
	At     time.Time `json:"at"`
	Agency AgencyID  `json:"agency"`
	Says   AlarmSays `json:"says"`
	Whose  AgencyID  `json:"whose,omitempty"`
}

// RecordNotice is one notice that was published.
type RecordNotice struct {
	Key       NoticeKey     `json:"key"`
	Kind      Kind          `json:"kind"`
	Agency    AgencyID      `json:"agency"`
	Round     int           `json:"round"`
	At        time.Time     `json:"at"`
	State     NoticeState   `json:"state"`
	StoppedAt time.Time     `json:"stopped_at,omitzero"`
	Officers  int           `json:"officers"` // one, or two
	Hash      string        `json:"hash"`     // of its words
	Services  int           `json:"services"`
	Corrects  NoticeKey     `json:"corrects,omitempty"`
	False     FalseClaim    `json:"false,omitempty"`
	Withdraws bool          `json:"withdraws,omitempty"`
	Reach     []RecordReach `json:"reach"`
}

// RecordReach is how far a notice came on one lane.
type RecordReach struct {
	Lane    LaneID `json:"lane"`
	Sent    int    `json:"sent"`
	Unknown int    `json:"unknown"`
	Failed  int    `json:"failed"`
}

// PromiseState says what became of a promise.
type PromiseState string

const (
	PromiseKept PromiseState = "kept"
	PromiseLate PromiseState = "late"
	PromiseOpen PromiseState = "open" // nothing has been said since
)

// RecordPromise is the time of the next word that a notice gave, or of the answers
// that an end left open, and whether it was kept.
type RecordPromise struct {
	Notice  NoticeKey    `json:"notice"`
	Agency  AgencyID     `json:"agency"`
	Answers bool         `json:"answers,omitempty"`
	By      time.Time    `json:"by"`
	State   PromiseState `json:"state"`
	At      time.Time    `json:"at,omitzero"` // of the word that kept it, or came late
	Key     NoticeKey    `json:"key,omitempty"`
}

// RecordAlternative is another way that was told, for which services and when.
type RecordAlternative struct {
	Alternative AlternativeID `json:"alternative"`
	Agency      AgencyID      `json:"agency"`
	Services    []ServiceID   `json:"services"`
	From        time.Time     `json:"from"`
	To          time.Time     `json:"to,omitzero"`
	Notice      NoticeKey     `json:"notice,omitempty"`
}

// RecordSample is what people who were asked answered in one round.
type RecordSample struct {
	Round   int `json:"round"`
	Asked   int `json:"asked"`
	Answers int `json:"answers"`
	Works   int `json:"works"`
}

// MomentKind names what happened at a moment of the timeline.
type MomentKind string

const (
	MomentSince       MomentKind = "began"
	MomentReport      MomentKind = "first report"
	MomentSignal      MomentKind = "first signal"
	MomentWake        MomentKind = "officers called"
	MomentSeen        MomentKind = "an officer looked"
	MomentAnswer      MomentKind = "answer"
	MomentOpened      MomentKind = "incident opened"
	MomentNotice      MomentKind = "notice"
	MomentFirstWord   MomentKind = "first word"
	MomentAlternative MomentKind = "another way"
	MomentWayEnds     MomentKind = "the other way ends"
	MomentMissed      MomentKind = "a promise was not kept"
	MomentStopped     MomentKind = "notice stopped"
	MomentEnded       MomentKind = "incident ended"
)

// Moment is one line of the timeline: facts, no sentence.
type Moment struct {
	At     time.Time  `json:"at"`
	What   MomentKind `json:"what"`
	Agency AgencyID   `json:"agency,omitempty"`
	Key    NoticeKey  `json:"key,omitempty"`
	Detail string     `json:"detail,omitempty"` // a kind, a step, an answer, an id of the catalogue
}

// RecordFacts are what a record is made of.
type RecordFacts struct {
	Incident Incident
	Notices  []Notice // of the incident, every state
	Alarms   []Alarm  // that it answered
	Progress map[NoticeID]Progress
	Reported ReportSummary
	Samples  map[int][]SampleCount // by round
}

// RecordOf makes the record of an incident: pure.
func RecordOf(f RecordFacts) Record {
	i := f.Incident
	r := Record{
		Version: 1, Incident: i.ID, Maintenance: i.Maintenance, Owner: i.Owner, State: i.State, Rounds: i.Round, Since: i.Since, SinceApprox: i.SinceApprox,
		Opened: i.OpenedAt, Ended: i.EndedAt, FirstReport: i.FirstReport, FirstSignal: i.FirstSignal, FirstWord: i.FirstWord, Reports: f.Reported,
		Platforms: []PlatformID{}, Services: []ServiceID{}, WakeUps: []RecordCall{}, Answers: []RecordAnswer{}, Notices: []RecordNotice{},
		Promises: []RecordPromise{}, Alternatives: []RecordAlternative{}, Samples: []RecordSample{},
	}
	for _, c := range i.Claims {
		if c.Platform != "" && !slices.Contains(r.Platforms, c.Platform) {
			r.Platforms = append(r.Platforms, c.Platform)
		}
	}
	for _, s := range i.Services {
		if s.Confirmed {
			r.Services = append(r.Services, s.Service)
		}
	}
	if first := i.FirstLead(); !first.IsZero() && !i.FirstWord.IsZero() {
		s := Seconds(i.FirstWord.Sub(first) / time.Second)
		r.Silence = &s
	}
	said := published(f.Notices)
	r.alarms(f.Alarms)
	r.notices(said, f)
	r.promises(said)
	r.ways(i.Ways, said)
	for _, round := range slices.Sorted(maps.Keys(f.Samples)) {
		if v := JudgeSample(f.Samples[round]); v.Asked > 0 {
			r.Samples = append(r.Samples, RecordSample{Round: round, Asked: v.Asked, Answers: v.Answers, Works: v.Works})
		}
	}
	r.timeline()
	return r
}

// FirstLead is when somebody or something first said that it fails; zero = nobody
// before an officer.
func (i Incident) FirstLead() time.Time {
	switch {
	case i.FirstReport.IsZero(), !i.FirstSignal.IsZero() && i.FirstSignal.Before(i.FirstReport):
		return i.FirstSignal
	}
	return i.FirstReport
}

// published lists what the public has read, in the order of publication.
func published(all []Notice) (out []Notice) {
	for _, n := range all {
		if !n.PublishedAt.IsZero() {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b Notice) int {
		return cmp.Or(a.PublishedAt.Compare(b.PublishedAt), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (r *Record) alarms(alarms []Alarm) {
	slices.SortFunc(alarms, func(a, b Alarm) int { return cmp.Compare(a.ID, b.ID) })
	for _, a := range alarms {
		for _, c := range a.Calls {
			last := len(r.WakeUps) - 1
			if last < 0 || !r.WakeUps[last].At.Equal(c.At) || r.WakeUps[last].Step != c.Step || r.WakeUps[last].Agency != c.Agency {
				r.WakeUps, last = append(r.WakeUps, RecordCall{At: c.At, Agency: c.Agency, Step: c.Step}), last+1
			}
			w := &r.WakeUps[last]
			if c.Officer != 0 {
				w.Officers++
			}
			if !c.SeenAt.IsZero() && (w.Seen.IsZero() || c.SeenAt.Before(w.Seen)) {
				w.Seen = c.SeenAt
			}
		}
		for _, x := range a.Answers {
			r.Answers = append(r.Answers, RecordAnswer{At: x.At, Agency: x.Agency, Says: x.Says, Whose: x.Whose})
		}
	}
}

func (r *Record) notices(said []Notice, f RecordFacts) {
	keys, total := map[NoticeID]NoticeKey{}, map[LaneID]*RecordReach{}
	for _, n := range said {
		keys[n.ID] = n.Key
	}
	for _, n := range said {
		one := RecordNotice{Key: n.Key, Kind: n.Kind, Agency: n.Agency, Round: n.Round, At: n.PublishedAt, State: n.State, StoppedAt: n.StoppedAt, Officers: 1,
			Hash: n.Hash, Services: len(n.Audience[ScopeAll]), Corrects: keys[n.Corrects], False: n.Slots.False, Withdraws: n.Slots.Withdraws, Reach: []RecordReach{}}
		if n.Approver != 0 {
			one.Officers = 2
		}
		p := f.Progress[n.ID]
		for _, lane := range slices.Sorted(maps.Keys(p.ByLane)) {
			reach := RecordReach{Lane: lane, Sent: p.ByLane[lane][Sent], Unknown: p.ByLane[lane][Unknown], Failed: p.ByLane[lane][Failed]}
			if reach.Sent+reach.Unknown+reach.Failed == 0 {
				continue
			}
			one.Reach = append(one.Reach, reach)
			if total[lane] == nil {
				total[lane] = &RecordReach{Lane: lane}
			}
			total[lane].Sent, total[lane].Unknown, total[lane].Failed = total[lane].Sent+reach.Sent, total[lane].Unknown+reach.Unknown, total[lane].Failed+reach.Failed
		}
		r.Notices = append(r.Notices, one)
	}
	r.Reach = []RecordReach{}
	for _, lane := range slices.Sorted(maps.Keys(total)) {
		r.Reach = append(r.Reach, *total[lane])
	}
}
