package notifiertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers"
	"arifa/subscriptions/wording"
)

// short is how long a case waits for an answer that never comes.
const short = 300 * time.Millisecond

func nameStays(t *testing.T, h Harness) {
	name := h.Channel().Name()
	if name == "" || name.Network() == "" {
		t.Errorf("got name %q, want network:credential", name)
	}
	_, _ = h.Channel().Send(t.Context(), messageOf(h, "name"))
	if got := h.Channel().Name(); got != name {
		t.Errorf("got name %q after a message, want %q", got, name)
	}
}

func sends(t *testing.T, h Harness) {
	m := messageOf(h, "sent")
	m.Silent = true
	receipt, err := h.Channel().Send(t.Context(), m)
	if err != nil {
		t.Fatalf("got %v, want it accepted", err)
	}
	seen := last(t, h)
	if receipt.Message == "" || receipt.Message != seen.Message {
		t.Errorf("got message id %q, want the network's %q", receipt.Message, seen.Message)
	}
	shows(t, seen, m.Card)
}

func hostile(t *testing.T, h Harness) {
	m := messageOf(h, "hostile")
	m.Card = wording.Card{
		Title:  `<b>KRA & "friends"</b> *bold* _under_ ~x~`,
		Lines:  []string{`a < b > c && d &amp; &lt;script&gt;`, "`code` [link](http://x) #tag \\ end.", `<@U123> <!channel> {brace} | pipe !`},
		Footer: []string{`_KRA_ *020* <4>`},
	}
	if _, err := h.Channel().Send(t.Context(), m); err != nil {
		t.Fatalf("got %v, want it accepted", err)
	}
	shows(t, last(t, h), m.Card)
}

func prepared(t *testing.T, h Harness) {
	p, can := h.Channel().(notifiers.Preparer)
	if !can {
		t.Skip("the channel prepares nothing")
	}
	m := messageOf(h, "prepared")
	if _, err := h.Channel().Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	plain := last(t, h)
	var err error
	if m.Prepared, err = p.Prepare(m.Card); err != nil {
		t.Fatalf("prepare: %v", err)
	}
	m.Card = wording.Card{} // what was prepared stands for it
	if _, err := h.Channel().Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := last(t, h); got.Text != plain.Text {
		t.Errorf("got  %q\nwant %q", got.Text, plain.Text)
	}
}

func replies(t *testing.T, h Harness) {
	first, err := h.Channel().Send(t.Context(), messageOf(h, "first"))
	if err != nil {
		t.Fatal(err)
	}
	m := messageOf(h, "second")
	m.ReplyTo = first.Message
	second, err := h.Channel().Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if got := last(t, h); got.ReplyTo != first.Message || second.Message == first.Message {
		t.Errorf("got a reply to %q with id %q, want a new message under %q", got.ReplyTo, second.Message, first.Message)
	}
}

func replyGone(t *testing.T, h Harness) {
	first, err := h.Channel().Send(t.Context(), messageOf(h, "first"))
	if err != nil {
		t.Fatal(err)
	}
	h.Erase(first.Message)
	m := messageOf(h, "second")
	m.ReplyTo = first.Message
	if _, err := h.Channel().Send(t.Context(), m); err != nil {
		t.Fatalf("got %v, want it sent all the same", err)
	}
	shows(t, last(t, h), m.Card)
}

func edits(t *testing.T, h Harness) {
	editor, can := h.Channel().(notifiers.Editor)
	if !can {
		t.Skip("the channel edits nothing")
	}
	first, err := h.Channel().Send(t.Context(), messageOf(h, "first"))
	if err != nil {
		t.Fatal(err)
	}
	m := messageOf(h, "edited")
	m.Edit = first.Message
	receipt, err := editor.Edit(t.Context(), m)
	if err != nil {
		t.Fatalf("got %v, want it edited", err)
	}
	seen := last(t, h)
	if !seen.Edited || seen.Message != first.Message || receipt.Message != "" && receipt.Message != first.Message {
		t.Errorf("got %+v and receipt %q, want message %q edited", seen, receipt.Message, first.Message)
	}
	shows(t, seen, m.Card)
	if _, err := editor.Edit(t.Context(), m); err != nil {
		t.Errorf("the same edit again: got %v, want success", err)
	}
	h.Erase(first.Message)
	if _, err := editor.Edit(t.Context(), messageWith(m, "again")); !is[notifiers.Uneditable](err) {
		t.Errorf("the message is gone: got %s, want uneditable", outcomeOf(err))
	}
}

func messageWith(m notifiers.Message, word string) notifiers.Message {
	m.Card = card(word)
	return m
}

func concurrent(t *testing.T, h Harness) {
	const many = 32
	var (
		wg  sync.WaitGroup
		mu  sync.Mutex
		ids = map[string]bool{}
	)
	for i := range many {
		wg.Go(func() {
			receipt, err := h.Channel().Send(t.Context(), messageOf(h, fmt.Sprintf("number-%d-", i)))
			if err != nil {
				t.Errorf("message %d: %v", i, err)
			}
			mu.Lock()
			ids[receipt.Message] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	var all strings.Builder
	for _, s := range h.Seen() {
		all.WriteString(s.Text)
	}
	for i := range many {
		if word := fmt.Sprintf("eCitizen number-%d-", i); strings.Count(all.String(), word) != 1 {
			t.Errorf("message %d arrived %d times, want once", i, strings.Count(all.String(), word))
		}
	}
	if len(ids) != many {
		t.Errorf("got %d different ids, want %d", len(ids), many)
	}
}

func endedBefore(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Channel().Send(ctx, messageOf(h, "early"))
	if got := outcomeOf(err); got != "plain" && got != "unknown" {
		t.Errorf("got %s, want a plain error or unknown", got)
	}
	if n := len(h.Seen()); n != 0 {
		t.Errorf("%d messages arrived, want none", n)
	}
}

func endedAfter(t *testing.T, h Harness) {
	if !h.Fail(Hang) {
		t.Skip("this network cannot hang")
	}
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	_, err := h.Channel().Send(ctx, messageOf(h, "late"))
	if !is[notifiers.Unknown](err) {
		t.Errorf("got %s (%v), want unknown", outcomeOf(err), err)
	}
}

func hushed(t *testing.T, h Harness) {
	for _, f := range faults {
		if f.edit || !h.Fail(f.fault) { // edits: where each fault is proved
			continue
		}
		m := messageOf(h, "hush")
		_, err := f.send(t, h, m)
		for _, leak := range leaks(h, m, err) {
			t.Errorf("%s: the error tells %s", f.fault, leak)
		}
	}
}
