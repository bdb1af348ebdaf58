package wording_test

import (
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	s := setup(t)
	promised := s.trouble("ecitizen-payments")
	promised.NextUpdate = s.at(11, 0)
	held := s.over(s.trouble("ecitizen-payments"))
	held.Holds = []subscriptions.Hold{{Service: "kra-pay-tax", Agency: "kra", At: s.at(14, 0)}}
	held.Services = held.Derive(s.nation)
	planned := s.trouble("kplc-vending")
	planned.Maintenance, planned.State, planned.StartsAt, planned.EndsAt = true, subscriptions.Scheduled, s.at(22, 0), s.at(28, 0)
	late := planned
	late.State = subscriptions.InProgress

	for _, c := range []struct {
		name      string
		service   subscriptions.ServiceID
		incidents []subscriptions.Incident
		now       time.Time
		trouble   bool
		want      string
	}{
		{"silence", "kplc-tokens", []subscriptions.Incident{promised}, s.at(8, 0), false,
			"Electricity tokens (prepaid; KPLC) | \nNo trouble announced. That does not mean it works.\nAs of 8:00 am on 3 January 2025."},
		{"not working", "kws-nairobi-np", []subscriptions.Incident{promised}, s.at(8, 0), true,
			"Nairobi National Park entry (KWS) | not working\nSince about 6:00 am on 3 January 2025. If your money has already left, do not pay again.\n" +
				"No other way is confirmed yet; do not pay anyone who offers one.\nNext update by 11:00 am, even if nothing is new.\nAs of 8:00 am on 3 January 2025."},
		{"overdue", "kws-nairobi-np", []subscriptions.Incident{promised}, s.at(11, 5), true,
			"Nairobi National Park entry (KWS) | not working\nSince about 6:00 am on 3 January 2025. If your money has already left, do not pay again.\n" +
				"No other way is confirmed yet; do not pay anyone who offers one.\nThe update promised for 11:00 am on 3 January 2025 is overdue.\nAs of 11:05 am on 3 January 2025."},
		{"not known", promised.Unconfirmed()[0], []subscriptions.Incident{promised}, s.at(8, 0), true,
			"| not known whether this service is affected; check before you pay\nNext update by 11:00 am on 3 January 2025, even if nothing is new.\nAs of 8:00 am on 3 January 2025."},
		{"held", "kra-pay-tax", []subscriptions.Incident{held}, s.at(16, 0), true,
			"Paying tax (KRA) | eCitizen says that it works again; not confirmed by KRA\nIf you paid, do not pay again.\nAs of 4:00 pm on 3 January 2025."},
		{"ended lately", "kws-nairobi-np", []subscriptions.Incident{held}, s.at(24*6, 0), false,
			"Nairobi National Park entry (KWS) | \neCitizen said that it works again, at 3:00 pm on 3 January 2025.\nNo trouble announced. That does not mean it works.\nAs of 12:00 midnight on 9 January 2025."},
		{"ended long ago", "kws-nairobi-np", []subscriptions.Incident{held}, s.at(24*8, 0), false,
			"Nairobi National Park entry (KWS) | \nNo trouble announced. That does not mean it works.\nAs of 12:00 midnight on 11 January 2025."},
		{"planned", "kplc-tokens", []subscriptions.Incident{planned}, s.at(9, 0), true,
			"Electricity tokens (prepaid; KPLC) | will not work\nFrom 10:00 pm on 3 January 2025 to 4:00 am on 4 January 2025.\nDo what you need before it begins.\n" +
				"If your money leaves during the work, do not pay again.\nNo other way is confirmed yet; do not pay anyone who offers one.\nAs of 9:00 am on 3 January 2025."},
		{"planned end passed", "kplc-tokens", []subscriptions.Incident{late}, s.at(29, 0), true,
			"The planned end, 4:00 am, has passed; not confirmed yet."},
		{"no such service", "none", nil, s.at(9, 0), false, " | "},
	} {
		got := s.speaker.Status("en", wording.StatusFacts{Nation: s.nation, Service: c.service, Incidents: c.incidents, Zone: s.zone, Now: c.now})
		text := strings.TrimSuffix(got.Label+" | "+got.State+"\n"+strings.Join(got.Lines, "\n"), "\n")
		if got.Trouble != c.trouble || !strings.Contains(text, c.want) {
			t.Errorf("%s: got trouble %v\n%s\nwant trouble %v\n%s", c.name, got.Trouble, text, c.trouble, c.want)
		}
	}
}

// Silence is never shown as health, in any language.
func TestStatusNeverSaysHealthy(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, svc := range s.nation.Services {
		for l, want := range map[subscriptions.Language]string{
			"en": "No trouble announced. That does not mean it works.",
			"sw": "Hakuna tatizo lililotangazwa. Hii haimaanishi inafanya kazi.",
		} {
			got := s.speaker.Status(l, wording.StatusFacts{Nation: s.nation, Service: svc.ID, Now: s.at(9, 0)})
			if len(got.Lines) != 2 || got.Lines[0] != want || got.State != "" {
				t.Errorf("%s %s: got %+v", svc.ID, l, got)
			}
		}
	}
}
