package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"arifa/bot/console"
)

// Nothing that was typed is lost when a visit ends: the form comes back, unsent,
// to the officer who typed it.
func TestTypedComesBack(t *testing.T) {
	t.Parallel()
	typed := []string{"do", "publish", "free.en", "Engineers are at work.", "next", "+1h", "request", "key", "code", "123456"}
	for name, ends := range map[string]func(b *bundle, w *browser){
		"left alone": func(b *bundle, _ *browser) { b.pass(console.IdleLock) },
		"too long":   func(b *bundle, _ *browser) { b.pass(console.Longest) },
		"a new key": func(b *bundle, _ *browser) {
			b.pass(time.Second)
			b.must(b.desk.EndVisits(ctx, b.kraAuthor.actor, b.clock()))
		},
		"a lost cookie": func(b *bundle, w *browser) { w.http.Jar = b.browser().http.Jar },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			w := b.comes(b.kraAuthor)
			officer := textOf(b.kraAuthor.Officer.ID)
			ends(b, w)
			w.want(w.post("/desk/new/service/kra-pin", append(typed, "officer", officer)...), 401, "What you typed is kept")
			if all, err := b.desk.Incidents(ctx, b.clock()); err != nil || len(all) != 0 {
				t.Fatalf("it was carried out: %v, %v", all, err)
			}
			b.pass(time.Minute)
			if name != "left alone" {
				w.halfway(b.kraAuthor)
			}
			got := w.post("/desk/prove", "code", b.code(b.kraAuthor))
			w.want(got, http.StatusSeeOther, "")
			if to := got.Header.Get("Location"); to != "/desk/new/service/kra-pin" {
				t.Fatalf("goes to %s", to)
			}
			got = w.get("/desk/new/service/kra-pin")
			w.want(got, 200, "What you typed before your visit ended is back")
			for _, part := range []string{"Engineers are at work.", `value="&#43;1h" checked`, `name="request" value="key"`} {
				if !strings.Contains(got.body, part) {
					t.Errorf("lost: %s", part)
				}
			}
			if strings.Contains(got.body, "123456") {
				t.Error("digits were kept")
			}
			got = w.get("/desk/new/service/kra-pin")
			if strings.Contains(got.body, "is back") {
				t.Error("it comes back twice")
			}
		})
	}
}

func TestTypedIsNotAnothers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.comes(b.kraAuthor)
	b.pass(console.Longest)
	w.want(w.post("/desk/new/service/kra-pin", "free.en", "Between us.", "officer", textOf(b.kraAuthor.Officer.ID)), 401, "kept")
	b.pass(time.Minute)
	w.halfway(b.kplcAuthor)
	got := w.post("/desk/prove", "code", b.code(b.kplcAuthor))
	w.want(got, http.StatusSeeOther, "")
	if to := got.Header.Get("Location"); to != "/desk/" {
		t.Errorf("goes to %s", to)
	}
	if got := w.get("/desk/new/service/kra-pin"); strings.Contains(got.body, "Between us") {
		t.Error("another officer reads what was typed")
	}
}

func TestTypedTooMuch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.browser()
	w.want(w.post("/desk/new/service/kra-pin", "free.en", strings.Repeat("x", 20<<10)), 413, "too long to be kept")
	w.want(w.post("/desk/new/service/kra-pin", "free.en", strings.Repeat("x", 70<<10)), 413, "")
	if w.cookies() != 0 {
		t.Error("a session was begun")
	}
}
