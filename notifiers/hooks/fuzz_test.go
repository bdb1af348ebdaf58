package hooks_test

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"arifa/notifiers/hooks"
)

// fuzz feeds a parser with whatever comes: it never panics, and what it makes of it
// has a place, a key and words that can be shown.
func fuzz(f *testing.F, source hooks.Source, files string, seeds ...string) {
	f.Helper()
	names, err := filepath.Glob("testdata/" + files)
	if err != nil || len(names) == 0 {
		f.Fatalf("no payloads: %v", err)
	}
	for _, name := range names {
		f.Add(payload(f, strings.TrimSuffix(filepath.Base(name), ".json")))
	}
	for _, s := range append(seeds, "", "null", "{}", "[]", `"x"`, "7", "{\"a\":", "\xff\xfe", strings.Repeat("[", 11_000)) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		told, err := hooks.Explain(source, body)
		if err != nil {
			if len(told) > 0 || err.Error() == "" || !utf8.ValidString(err.Error()) {
				t.Errorf("got %v and %q", told, err)
			}
			return
		}
		if len(told) == 0 {
			t.Error("nothing was said, and nothing is wrong")
		}
		for _, w := range told {
			speaks := w.Platform != ""
			if w.Name == "" || w.Does == "" || speaks && (w.Key == "" || len(w.Key) > 120 || w.Key != hooks.Clean(w.Key, 120)) {
				t.Errorf("got %+v", w)
			}
			if w.Summary != hooks.Clean(w.Summary, 200) || !utf8.ValidString(w.Name+w.Does) || strings.ContainsAny(w.Name, "\n\x00\u202e") {
				t.Errorf("cannot be shown: %+v", w)
			}
		}
	})
}

func everything(kind hooks.Kind, field string) hooks.Source {
	return hooks.Source{Kind: kind, Rules: []hooks.Rule{{Match: map[string]string{field: "*a*"}, Platform: "mpesa"}}}
}

func FuzzAlertmanager(f *testing.F) {
	fuzz(f, everything(hooks.Alertmanager, "alertname"), "alertmanager-*.json",
		`{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"a\u202e\n"},"startsAt":"9999-12-31T23:59:59Z"},null,7,{"labels":null}]}`,
		`{"version":"4","alerts":[{"status":"resolved","labels":{"alertname":"a"},"fingerprint":"a/b\u0000"}],"truncatedAlerts":18446744073709551615}`)
}

func FuzzUptimeKuma(f *testing.F) {
	fuzz(f, everything(hooks.UptimeKuma, "monitor"), "kuma-*.json",
		`{"heartbeat":{"monitorID":"a\u0000b","status":0,"time":"soon"},"monitor":{"id":{},"name":"a","tags":[1,null,"x",{"name":"y"}]}}`,
		`{"heartbeat":{"status":-1,"monitorID":1e999},"monitor":null,"msg":5}`)
}

func FuzzStatuspage(f *testing.F) {
	fuzz(f, everything(hooks.Statuspage, "component"), "statuspage-*.json",
		`{"incident":{"id":"a/b","name":"a","status":"identified","components":[null,{"id":"c/d","name":"a\n"},{"id":""}]},"page":{"id":""}}`,
		`{"component_update":{"new_status":"major_outage"},"component":{"id":"x","name":"a"}}`)
}

func FuzzJSON(f *testing.F) {
	fuzz(f, everything(hooks.JSON, "key"), "json-*.json",
		`{"signals":[{"key":"a","status":"firing"},{"key":"a\u200b","status":"firing"},null,{}]}`, `{"key":"a","status":"firing","at":"2025-01-03T06:00:00+99:00"}`)
}
