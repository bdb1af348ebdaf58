package desk

import (
	"context"
	"time"

	"arifa/subscriptions"
)

// IncidentRecord is an incident as it can be laid before the public: see
// subscriptions.Record.
func (d *Desk) IncidentRecord(ctx context.Context, id subscriptions.IncidentID) (subscriptions.Record, error) {
	f := subscriptions.RecordFacts{Progress: map[subscriptions.NoticeID]subscriptions.Progress{}, Samples: map[int][]subscriptions.SampleCount{}}
	var err error
	if f.Incident, err = d.Store.Incident(ctx, id); err != nil {
		return subscriptions.Record{}, err
	}
	if f.Notices, err = d.Store.Notices(ctx, id); err != nil {
		return subscriptions.Record{}, err
	}
	for _, n := range f.Notices {
		if n.PublishedAt.IsZero() {
			continue
		}
		if f.Progress[n.ID], err = d.Store.Progress(ctx, n.ID); err != nil {
			return subscriptions.Record{}, err
		}
	}
	alarms, err := d.Store.Alarms(ctx, time.Time{})
	if err != nil {
		return subscriptions.Record{}, err
	}
	for _, a := range alarms {
		if a.Incident == id {
			f.Alarms = append(f.Alarms, a)
		}
	}
	for round := 1; round <= f.Incident.Round; round++ {
		if f.Samples[round], err = d.Store.SampleCounts(ctx, id, round, time.Time{}); err != nil {
			return subscriptions.Record{}, err
		}
	}
	if f.Reported, err = d.Reported(ctx, f.Incident, always); err != nil {
		return subscriptions.Record{}, err
	}
	return subscriptions.RecordOf(f), nil
}

// always is later than anything that is reported.
var always = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
