package subscriptions

import (
	"context"
	"time"
)

// Complaints remembers what citizens and machines say: leads, never notices. No
// address is in what it returns, and none is stored beside what was said: a source
// is known by SourceDigest only.
type Complaints interface {
	// PutReport stores a report. Another one of the same source for the same service
	// within ReportEvery is the same report: what it says anew (Tried, County, Text)
	// is put in, nothing is counted twice, and fresh is false. The stored report
	// carries no address.
	PutReport(ctx context.Context, r Report) (stored Report, fresh bool, err error)
	// PutAsk counts a question for a service, once for a source and service and
	// ReportEvery.
	PutAsk(ctx context.Context, a Ask) error
	// PutSignal stores what a machine says; the same (Source, Key) is the same
	// signal: it grows, ends and begins again. changed is false when it said nothing
	// new (a repetition, or an end of what never began).
	PutSignal(ctx context.Context, s Signal) (stored Signal, changed bool, err error)
	// ReportsOf counts the reports that are still linked to a recipient.
	ReportsOf(ctx context.Context, id RecipientID) (int, error)
	// Marks lists reports and asks after since, oldest first, at most limit of the
	// newest.
	Marks(ctx context.Context, since time.Time, limit int) ([]Mark, error)
	// Signals lists the signals that fire, and those that ended after since.
	Signals(ctx context.Context, since time.Time) ([]Signal, error)
	// Hours counts by service and hour of the clock from since on. Counts outlive the
	// asks that they were made of.
	Hours(ctx context.Context, since time.Time) ([]HourCount, error)
	// Reported sums up the reports of services (nil = all) from from on and before
	// until.
	Reported(ctx context.Context, services []ServiceID, from, until time.Time) (ReportSummary, error)
}

// Alarms remembers whom the silence woke, and what they answered.
type Alarms interface {
	// Alarms lists the live ones, and those that ended after since; newest first.
	Alarms(ctx context.Context, since time.Time) ([]Alarm, error)
	// Alarm finds one; ErrNotFound.
	Alarm(ctx context.Context, id AlarmID) (Alarm, error)
	// Words lists the words of reports of services since from, newest first, at most
	// limit: for officers alone.
	Words(ctx context.Context, services []ServiceID, from time.Time, limit int) ([]string, error)
	// PutAlarm inserts (ID 0) or stores if Revision is the stored one, else
	// ErrConflict; a second live alarm for the platform, or for a service without
	// one, is ErrExists. The audit line commits with it, and the calls as PutCalls
	// stores them.
	PutAlarm(ctx context.Context, a Alarm, line AuditLine, calls ...Summons) (Alarm, error)
}

// Samples remembers who was asked "is it working for you?".
type Samples interface {
	// PickSample chooses people who reported, or were told of the incident in this
	// round, and were not asked in it: one question for each, of one of the services
	// of theirs that the wish names, those who reported first. It stores them as
	// picked and returns how many.
	PickSample(ctx context.Context, w SampleWish, now time.Time) (int, error)
	// DueSamples lists picked ones of a lane that were not asked within SampleFor,
	// oldest first. Who left, is gone or has had the hour's messages (rule 13), these
	// questions among them, is left out.
	DueSamples(ctx context.Context, lane LaneID, limit int, now time.Time) ([]Sample, error)
	// AskedSample marks one as asked; ErrConflict when it was asked already, or is
	// not asked any more.
	AskedSample(ctx context.Context, s Sample, now time.Time) error
	// AnswerSample stores an answer, the newest counts; ErrNotFound when the person
	// was not asked.
	AnswerSample(ctx context.Context, s Sample, now time.Time) error
	// SampleCounts counts the asked and the answers of a round, of those who were
	// picked at since or later (zero = all), by service and, of those for whom it
	// fails, how they tried.
	SampleCounts(ctx context.Context, i IncidentID, round int, since time.Time) ([]SampleCount, error)
}
