package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

// Every update comes three times, the repetitions shuffled among the others and among
// random bytes and random JSON, by webhook and by poll. Each is applied once, in the
// order of its chat, none is lost, and the program lives.
func TestFaultsOfUpdates(t *testing.T) {
	t.Parallel()
	t.Run("webhook on sqlite", func(t *testing.T) {
		t.Parallel()
		worlds(t, rounds(1, 20), 1, func(t *testing.T, _ int) { newBabel(t, stores()[0]).byWebhook() })
	})
	t.Run("poll on postgresql", func(t *testing.T) {
		t.Parallel()
		worlds(t, rounds(1, 20), 1, func(t *testing.T, _ int) { newBabel(t, stores()[1]).byPoll() })
	})
}

// said is what everybody says in a row, with a part of each answer.
var saidInARow = []struct{ text, answer string }{
	{"follow stima", "You follow: Electricity tokens"}, {"STOP", "You follow nothing now"}, {"follow pay tax", "You follow: Paying tax"},
	{"follow good conduct", "good conduct"}, {"STOP", "You follow nothing now"}, {"follow nairobi national park", "You follow: Nairobi National Park"},
}

// babel is a network between whose true updates nonsense stands.
type babel struct {
	*crash
	r     *rand.Rand
	seed  uint64
	chats int
}

// heard is one thing that the program is told.
type heard struct {
	body  []byte
	id    int64 // of an update that can be stored; 0 = it cannot
	true_ bool  // somebody said it
}

func newBabel(t *testing.T, s aStore) *babel {
	b := &babel{seed: rand.Uint64(), chats: size(18, 400)}
	b.r = rand.New(rand.NewPCG(b.seed, 0))
	b.crash = emptyCrash(t, s.database(t))
	b.net = telegramtest.Start(t, telegramtest.Config{Limits: &telegramtest.Limits{}})
	for i := range b.chats {
		b.net.AddFriend(b.chat(i), "en")
	}
	return b
}

// stream is everything in the order in which it comes: what is said for the first time
// in the order of its chat, the two repetitions anywhere later, nonsense anywhere.
func (b *babel) stream(chats []int64) []heard {
	type placed struct {
		heard
		at float64
	}
	var all []placed
	next, total := map[int64]int{}, len(chats)*len(saidInARow)
	for k := range total {
		chat := chats[b.r.IntN(len(chats))]
		for next[chat] == len(saidInARow) {
			chat = chats[b.r.IntN(len(chats))]
		}
		id := 1_000_000 + 100*chat + int64(next[chat])
		u := heard{body: update(id, chat, saidInARow[next[chat]].text), id: id, true_: true}
		next[chat]++
		for again := range 3 {
			at := float64(k)
			if again > 0 {
				at += b.r.Float64() * float64(total-k)
			}
			all = append(all, placed{u, at})
		}
		all = append(all, placed{b.nonsense(chat, k), b.r.Float64() * float64(total)})
	}
	slices.SortStableFunc(all, func(x, y placed) int {
		switch {
		case x.at < y.at:
			return -1
		case x.at > y.at:
			return 1
		}
		return 0
	})
	out := make([]heard, len(all))
	for k, p := range all {
		out[k] = p.heard
	}
	return out
}

func update(id, chat int64, text string) []byte {
	return fmt.Appendf(nil, `{"update_id":%d,"message":{"message_id":%d,"date":%d,"chat":{"id":%d,"type":"private","first_name":"A"},"from":{"id":%d,"is_bot":false,"first_name":"A","language_code":"en"},"text":%q}}`,
		id, id%100+2, time.Now().Unix(), chat, chat, text)
}

// nonsense is random bytes, random JSON, an update with random JSON in it, or a true one
// of nobody's with a few letters of it broken.
func (b *babel) nonsense(chat int64, k int) heard {
	id := 7_000_000_000 + 1_000_000*chat + int64(k)
	switch b.r.IntN(4) {
	case 0:
		noise := make([]byte, b.r.IntN(600))
		for i := range noise {
			noise[i] = byte(b.r.Uint32())
		}
		return heard{body: noise}
	case 1:
		return heard{body: b.json(4)}
	case 2:
		kinds := []string{"message", "callback_query", "my_chat_member", "edited_message", "poll_answer", "kind_of_next_year"}
		return heard{body: fmt.Appendf(nil, `{"update_id":%d,%q:%s,%q:%s}`, id, kinds[b.r.IntN(3)], b.json(4), kinds[b.r.IntN(6)], b.json(3)), id: id}
	}
	text := update(id, 5_550_000_000+chat, "follow stima")
	head := bytes.IndexByte(text, ',') // the number stays: it is another update's otherwise
	for range 1 + b.r.IntN(6) {
		text[head+b.r.IntN(len(text)-head)] = byte(b.r.Uint32())
	}
	return heard{body: text, id: id}
}

// json is a random value, so deep at most, with the names that updates have.
func (b *babel) json(deep int) []byte {
	names := []string{"id", "chat", "from", "text", "type", "message", "message_id", "date", "data", "entities", "new_chat_member", "status", "user", "reply_to_message", "migrate_to_chat_id"}
	kind := b.r.IntN(8)
	if deep == 0 {
		kind %= 5
	}
	switch kind {
	case 0:
		return []byte("null")
	case 1:
		return []byte("true")
	case 2:
		return fmt.Append(nil, int64(b.r.Uint64()))
	case 3:
		return fmt.Append(nil, b.r.NormFloat64()*1e30)
	case 4:
		noise := make([]rune, b.r.IntN(30))
		for i := range noise {
			noise[i] = rune(b.r.IntN(0x11000))
		}
		text, _ := json.Marshal(string(noise))
		return text
	case 5:
		out := []byte("[")
		for i := range b.r.IntN(4) {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, b.json(deep-1)...)
		}
		return append(out, ']')
	}
	out := []byte("{")
	for i := range 1 + b.r.IntN(5) {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(fmt.Appendf(out, "%q:", names[b.r.IntN(len(names))]), b.json(deep-1)...)
	}
	return append(out, '}')
}

// byWebhook posts on several connections; what one chat says comes on one of them.
func (b *babel) byWebhook() {
	b.t.Helper()
	p := b.servesWatched("--telegram-mode", "webhook", "--telegram-webhook-secret", "a-secret", "--public-url", "https://arifa.example.go.ke")
	p.get("/healthz")
	url := "http://" + p.address("listen") + "/telegram/webhook"
	const connections = 6
	var g sync.WaitGroup
	all := 0
	for c := range connections {
		var chats []int64
		for i := c; i < b.chats; i += connections {
			chats = append(chats, b.chat(i))
		}
		stream := b.stream(chats)
		all += len(stream)
		g.Go(func() {
			for _, h := range stream {
				req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(h.body))
				if err != nil {
					b.t.Error(err)
					return
				}
				req.Header.Set("X-Telegram-Bot-Api-Secret-Token", "a-secret")
				r, err := http.DefaultClient.Do(req)
				if err != nil {
					b.t.Errorf("seed %d: %d bytes: %v", b.seed, len(h.body), err)
					return
				}
				_ = r.Body.Close()
				if h.true_ && r.StatusCode != http.StatusOK || r.StatusCode >= 500 {
					b.t.Errorf("seed %d: %d for %q", b.seed, r.StatusCode, h.body)
				}
			}
		})
	}
	g.Wait()
	b.judgeHearing(p, all)
}

// byPoll lets a network answer getUpdates with the stream, a few at once, between bodies
// of random bytes; everything else is the strict network's.
func (b *babel) byPoll() {
	b.t.Helper()
	var chats []int64
	for i := range b.chats {
		chats = append(chats, b.chat(i))
	}
	stream := b.stream(chats)
	network := httptest.NewServer(b.polled(stream))
	b.t.Cleanup(network.Close)
	p := b.servesWatched("--telegram-api", network.URL)
	b.judgeHearing(p, len(stream))
}

// polled hands a batch out until it is confirmed, as the network does.
func (b *babel) polled(stream []heard) http.HandlerFunc {
	var mu sync.Mutex
	var batch []heard
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/getUpdates") {
			b.net.ServeHTTP(w, r)
			return
		}
		var asked struct{ Offset int64 }
		_ = json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&asked)
		mu.Lock()
		defer mu.Unlock()
		highest := int64(0)
		for _, h := range batch {
			highest = max(highest, h.id)
		}
		if highest == 0 || asked.Offset == highest+1 {
			n := min(len(stream), 1+b.r.IntN(20))
			batch, stream = slices.Clone(stream[:n]), stream[n:]
			if n == 0 {
				wait(b.t, 50*time.Millisecond) // all is said
			}
			broken := func(h heard) bool { return !json.Valid(h.body) } // no list can hold it
			k := slices.IndexFunc(batch, broken)
			if k >= 0 && b.r.IntN(size(4, 100)) == 0 { // after each the poller waits
				_, _ = w.Write(batch[k].body) // instead of an answer
				stream, batch = append(slices.DeleteFunc(batch, broken), stream...), nil
				return
			}
			batch = slices.DeleteFunc(batch, broken)
		}
		out := []json.RawMessage{}
		for _, h := range batch {
			out = append(out, h.body)
		}
		text, err := json.Marshal(map[string]any{"ok": true, "result": out})
		if err != nil {
			b.t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text)
	}
}

func (b *babel) judgeHearing(p *program, all int) {
	b.t.Helper()
	answers := func(chat int64) (texts []string) {
		for _, m := range b.net.Messages(chat) {
			texts = append(texts, m.Text)
		}
		return texts
	}
	b.until("everything to be answered", func() bool {
		for i := range b.chats {
			if len(answers(b.chat(i))) < len(saidInARow) {
				return false
			}
		}
		return true
	})
	var s subscriptions.InboxState
	b.until("everything to be handled", func() bool {
		var err error
		s, err = b.office.store.InboxState(b.t.Context(), b.lane())
		// All that waits now is nonsense, which is tried for half a minute.
		return err == nil && (s.Waiting == 0 || rounds(0, 1) == 0)
	})
	wrong := 0
	for i := range b.chats {
		got := answers(b.chat(i))
		ok := len(got) == len(saidInARow)
		for k := range min(len(got), len(saidInARow)) {
			ok = ok && strings.Contains(got[k], saidInARow[k].answer)
		}
		if !ok {
			wrong++
			b.t.Errorf("seed %d, person %d: want one answer to each, in order; got %q", b.seed, i, got)
		}
		r, err := b.office.store.Recipient(b.t.Context(), b.lane(), b.address(b.chat(i)))
		if err != nil {
			b.t.Fatal(err)
		}
		f, err := b.office.store.Follows(b.t.Context(), r.ID, b.app.now())
		if err != nil || len(f) != 1 || f[0].Scope != subscriptions.ScopeService(broken) {
			b.t.Errorf("seed %d, person %d follows %v (%v), want only what was said last", b.seed, i, f, err)
		}
	}
	b.t.Logf("seed %d: %d people said %d things, heard among %d; %d of nonsense laid aside; %d people answered wrongly", b.seed, b.chats, b.chats*len(saidInARow), all, s.Dead, wrong)
	if code, body := p.get("/healthz"); code != http.StatusOK {
		b.t.Errorf("/healthz says %d %s", code, body)
	}
	if log := p.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "goroutine ") {
		b.t.Errorf("seed %d: it panicked:\n%s", b.seed, log)
	}
	if err := p.stop(); err != nil { // of a race that was found too
		b.t.Errorf("stop: %v; it said:\n%s", err, p.log.String())
	}
}
