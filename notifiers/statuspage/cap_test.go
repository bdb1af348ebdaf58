package statuspage_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arifa/subscriptions"
)

// capSchema is that of the OASIS standard, unmodified.
func capSchema(t testing.TB) schema {
	t.Helper()
	raw, err := os.ReadFile("testdata/cap-1.2/CAP-v1.2.xsd")
	if err != nil {
		t.Fatal(err)
	}
	var all schema
	if err := xml.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	alert, ok := all.find("element")
	if !ok || alert.attr("name") != "alert" {
		t.Fatal("no alert in the schema")
	}
	return alert
}

// cap reads a CAP message and holds it to the schema, by our own check and, where
// libxml's is on the machine, by that one too.
func (s *stage) cap(path string) map[string]string {
	s.Helper()
	w := s.get(path, 200)
	if got := w.Header().Get("Content-Type"); got != "application/cap+xml; charset=utf-8" {
		s.Errorf("%s: got type %s", path, got)
	}
	var doc tree
	if err := xml.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		s.Fatalf("%s: %v", path, err)
	}
	if doc.XMLName.Space != "urn:oasis:names:tc:emergency:cap:1.2" {
		s.Errorf("%s: got namespace %q", path, doc.XMLName.Space)
	}
	for _, fault := range capSchema(s).check(doc, "") {
		s.Errorf("%s: %s", path, fault)
	}
	if lint, err := exec.LookPath("xmllint"); err == nil {
		cmd := exec.Command(lint, "--noout", "--nonet", "--schema", filepath.Join("testdata", "cap-1.2", "CAP-v1.2.xsd"), "-")
		cmd.Stdin = bytes.NewReader(w.Body.Bytes())
		if out, err := cmd.CombinedOutput(); err != nil {
			s.Errorf("%s: xmllint: %v\n%s", path, err, out)
		}
	}
	return flat(doc)
}

// flat names what a message says: of an info, by its language.
func flat(doc tree) map[string]string {
	out := map[string]string{}
	for _, c := range doc.Children {
		if c.XMLName.Local != "info" {
			out[c.XMLName.Local] = c.Text
			continue
		}
		prefix := ""
		for _, in := range c.Children {
			if in.XMLName.Local == "language" {
				prefix = in.Text + "."
			}
			out[prefix+in.XMLName.Local] = in.Text
		}
	}
	return out
}

func wants(t *testing.T, of string, got, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if g := got[k]; v == "" && g != "" || !strings.Contains(g, v) {
			t.Errorf("%s %s: got %q, want %q", of, k, g, v)
		}
	}
}

func TestCAP(t *testing.T) {
	t.Parallel()
	s := setup(t)
	i, first := s.outage()
	wants(t, "outage", s.cap("/cap/2025-0103-1.xml"), map[string]string{"identifier": "arifa.2025-0103-1", "sender": "arifa.example.go.ke", "sent": "2025-01-03T06:04:00+03:00",
		"status": "Actual", "msgType": "Alert", "scope": "Public", "references": "", "incidents": "arifa.incident.1",
		"en-KE.headline": "Payments to 222222 (eCitizen) are not working.", "sw-KE.headline": "Malipo kwa 222222 (eCitizen) hayafanyi kazi.",
		"en-KE.instruction": "If your money has already left, do not pay again.", "sw-KE.instruction": "usilipe tena", "en-KE.category": "Infra",
		"en-KE.responseType": "Monitor", "en-KE.urgency": "Immediate", "en-KE.severity": "Severe", "en-KE.certainty": "Observed",
		"en-KE.senderName": "eCitizen", "en-KE.web": base + "/en/n/2025-0103-1", "en-KE.description": "Passport renewal"})

	s.setNow(s.at(9, 0))
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Update, Slots: subscriptions.Slots{NextUpdate: s.at(12, 0)}})
	s.setNow(s.at(15, 0))
	s.end(&i, "kws-nairobi-np") // held: its agency has not confirmed
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Restored, Agency: "ecitizen", Slots: subscriptions.Slots{PayAgain: subscriptions.Answer{Value: "no"}}})
	s.refresh()
	ref := "arifa.example.go.ke,arifa.2025-0103-1,2025-01-03T06:04:00+03:00"
	wants(t, "update", s.cap("/cap/2025-0103-2.xml"), map[string]string{"msgType": "Update", "references": ref})
	end := s.cap("/cap/2025-0103-3.xml")
	wants(t, "restored", end, map[string]string{"msgType": "Update", "references": ref + " arifa.example.go.ke,arifa.2025-0103-2,2025-01-03T09:00:00+03:00",
		"en-KE.responseType": "AllClear", "en-KE.urgency": "Past", "en-KE.headline": "eCitizen says", "en-KE.instruction": "If you paid, do not pay again."})
	if !strings.Contains(end["en-KE.description"], "not confirmed by KWS") {
		t.Error("the all-clear does not say what is held")
	}

	// Withdrawn: a Cancel, and what was wrong is not said again.
	s.setNow(s.at(15, 30))
	first, err := s.store.Notice(t.Context(), first.ID)
	s.must(err)
	s.say(&i, subscriptions.Notice{Kind: subscriptions.Correction, Agency: "ecitizen", Corrects: first.ID, Slots: subscriptions.Slots{Withdraws: true}})
	first.State, first.StoppedAt = subscriptions.Withdrawn, s.clock()
	s.put(first)
	s.refresh()
	for _, path := range []string{"/cap/2025-0103-4.xml", "/cap/2025-0103-1.xml"} {
		got := s.cap(path)
		wants(t, path, got, map[string]string{"identifier": "arifa.2025-0103-4", "msgType": "Cancel", "references": ref, "en-KE.headline": "withdrawn"})
		if got["references"] != ref {
			t.Errorf("%s cancels %s", path, got["references"])
		}
	}

	// Stopped without another word: a Cancel of its own.
	second, err := s.store.NoticesByKey(t.Context(), "2025-0103-2")
	s.must(err)
	second[0].State, second[0].StoppedAt = subscriptions.Stopped, s.at(9, 10)
	s.put(second[0])
	s.refresh()
	wants(t, "stopped", s.cap("/cap/2025-0103-2-stopped.xml"), map[string]string{"identifier": "arifa.2025-0103-2-stopped", "msgType": "Cancel",
		"sent": "2025-01-03T09:10:00+03:00", "references": "arifa.2025-0103-2,", "en-KE.instruction": "Do not rely on it."})
	s.cap("/cap/2025-0103-2.xml")

	// Planned work, and words that a parser may trip over.
	m := s.open("ntsa-portal")
	m.Maintenance, m.State, m.StartsAt, m.EndsAt = true, subscriptions.Scheduled, s.at(22, 0), s.at(23, 0)
	s.say(&m, subscriptions.Notice{Kind: subscriptions.Maintenance, Slots: subscriptions.Slots{State: subscriptions.Scheduled, StartsAt: s.at(22, 0), EndsAt: s.at(23, 0)}})
	s.say(nil, subscriptions.Notice{Kind: subscriptions.Advisory, Agency: "kra", Slots: subscriptions.Slots{Free: subscriptions.Text{"en": `<a>&"' 🚨`, "sw": "]]>"}}})
	s.say(nil, subscriptions.Notice{Kind: subscriptions.Correction, Agency: "kra", Slots: subscriptions.Slots{False: subscriptions.FalseLink}})
	s.refresh()
	wants(t, "maintenance", s.cap("/cap/2025-0103-5.xml"), map[string]string{"msgType": "Alert", "en-KE.event": "Planned work", "en-KE.responseType": "Prepare",
		"en-KE.urgency": "Expected", "en-KE.onset": "2025-01-03T22:00:00+03:00"})
	wants(t, "advisory", s.cap("/cap/2025-0103-6.xml"), map[string]string{"en-KE.description": `<a>&"' 🚨`, "sw-KE.description": "]]>"})
	wants(t, "correction", s.cap("/cap/2025-0103-7.xml"), map[string]string{"msgType": "Alert", "en-KE.responseType": "Avoid", "en-KE.instruction": "Do not open it"})

	var links []string
	for _, it := range s.feed("/cap/feed.atom").Items {
		links = append(links, strings.TrimPrefix(it.Link, base+"/cap/"))
	}
	want := []string{"2025-0103-7.xml", "2025-0103-6.xml", "2025-0103-5.xml", "2025-0103-4.xml", "2025-0103-3.xml", "2025-0103-2-stopped.xml", "2025-0103-2.xml"}
	if !slices.Equal(links, want) {
		t.Errorf("the index lists %v, want %v", links, want)
	}
	for _, path := range []string{"/cap/2025-0103-3-stopped.xml", "/cap/2025-0103-9.xml", "/cap/.xml", "/cap/x", "/cap/2025-0103-3"} {
		s.get(path, 404)
	}
}

// The check itself must be able to fail.
func TestCAPSchemaRefuses(t *testing.T) {
	t.Parallel()
	alert := capSchema(t)
	const good = `<alert><identifier>1</identifier><sender>a</sender><sent>2025-01-03T06:04:00+03:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope></alert>`
	for name, doc := range map[string]string{
		"":                         good,
		"another order":            strings.Replace(good, "<identifier>1</identifier><sender>a</sender>", "<sender>a</sender><identifier>1</identifier>", 1),
		"a value that is none":     strings.Replace(good, "Actual", "Real", 1),
		"UTC as Z":                 strings.Replace(good, "+03:00", "Z", 1),
		"nothing where it must be": strings.Replace(good, "<scope>Public</scope>", "", 1),
		"twice":                    strings.Replace(good, "<scope>Public</scope>", "<scope>Public</scope><scope>Public</scope>", 1),
		"something of its own":     strings.Replace(good, "<scope>", "<own/><scope>", 1),
		"an info without area":     strings.Replace(good, "</alert>", "<info><category>Infra</category></info></alert>", 1),
	} {
		var t1 tree
		if err := xml.Unmarshal([]byte(doc), &t1); err != nil {
			t.Fatal(err)
		}
		if faults := alert.check(t1, ""); (len(faults) == 0) != (name == "") {
			t.Errorf("%q: got faults %v", name, faults)
		}
	}
}
