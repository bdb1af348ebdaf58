package telegram_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"arifa/notifiers/telegram/telegramtest"
	"arifa/subscriptions"
)

func TestAnUpdateThatCannotBeReadStopsNoOther(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.start(t, 5)
	for _, raw := range []string{
		`{"message":{"message_id":"not a number","chat":[],"text":5}}`,
		`{"message":{"message_id":1,"date":1,"from":{"id":9},"chat":{"id":9,"type":"private"},"text":{"a":1}}}`,
		`{"message":{"message_id":1,"date":1,"from":{"id":9},"chat":{"id":9,"type":"a kind of next year"},"text":"x"}}`,
		`{"message":{"message_id":1,"date":1,"from":{"id":9},"chat":{"type":"private"},"text":"x"}}`,
		`{"my_chat_member":{"chat":{"id":9,"type":"private"},"from":{"id":9},"old_chat_member":{"status":"member"},"new_chat_member":{"status":"frozen"}}}`,
		`{"callback_query":{"id":"1","from":{"id":"x"},"data":"home"}}`,
		`{"callback_query":{"id":"1","data":"home"}}`,
		`{"callback_query":[]}`,
	} {
		must[int64](t)(w.srv.RawUpdate(raw))
		w.says(t, 5, "still here")
	}
	for _, raw := range []string{`{}`, `{"message":null}`, `{"a_kind_of_next_year":{"x":1}}`, `{"channel_post":{"message_id":1}}`} {
		must[int64](t)(w.srv.RawUpdate(raw)) // nothing to hear, and no trouble
	}
	w.listen(t)
	if got := len(w.talk.waitFor(t, 9)); got != 9 {
		t.Errorf("got %d things heard, want the start and 8 texts", got)
	}
	if state := w.settled(t); state.Dead != 8 {
		t.Errorf("got %d laid aside, want 8", state.Dead)
	}
	if !strings.Contains(w.log.String(), "laid_aside=true") {
		t.Error("nothing in the log tells of what was laid aside")
	}
}

// The library rejects these; a STOP must not be lost for the media that it answers.
func TestKindsOfNextYearSpoilNothingAroundThem(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.start(t, 5)
	const head = `"message_id":7,"date":1,"from":{"id":5,"language_code":"en"},"chat":{"id":5,"type":"private"}`
	for _, raw := range []string{
		`{"message":{` + head + `,"caption":"caption","paid_media":{"star_count":1,"paid_media":[{"type":"live_photo"}]}}}`,
		`{"message":{` + head + `,"text":"STOP","reply_to_message":{"message_id":6,"paid_media":{"paid_media":[{"type":"live_photo"}]}}}}`,
		`{"message":{` + head + `,"text":"forwarded","forward_origin":{"type":"a kind of next year"}}}`,
		`{"message":{` + head + `,"text":"plain","chat_background_set":{"type":{"type":"new"}},"forward_origin":null}}`,
	} {
		must[int64](t)(w.srv.RawUpdate(raw))
	}
	w.listen(t)
	heard := w.talk.waitFor(t, 5)[1:]
	if got := words(heard); !slices.Equal(got, []string{"caption", "STOP", "forwarded", "plain"}) {
		t.Errorf("got %q", got)
	}
	if !heard[2].Forwarded || heard[3].Forwarded {
		t.Error("who forwarded and who did not is mixed up")
	}
}

// scripted is a Bot API whose getUpdates answers from a script; other methods fail.
type scripted struct {
	mu      sync.Mutex
	offsets []int64
	answers []string
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/getUpdates") {
		w.WriteHeader(503)
		return
	}
	var q struct {
		Offset  int64    `json:"offset"`
		Limit   int      `json:"limit"`
		Timeout int      `json:"timeout"`
		Allowed []string `json:"allowed_updates"`
	}
	body, _ := io.ReadAll(r.Body) // to its end, or nobody notices that the client went away
	_ = json.Unmarshal(body, &q)
	s.mu.Lock()
	if q.Limit != 100 || q.Timeout != 50 || !slices.Equal(q.Allowed, []string{"message", "callback_query", "my_chat_member"}) {
		s.offsets = append(s.offsets, -1)
	}
	s.offsets = append(s.offsets, q.Offset)
	answer := ""
	if len(s.answers) > 0 {
		answer, s.answers = s.answers[0], s.answers[1:]
	}
	s.mu.Unlock()
	if answer == "" {
		<-r.Context().Done()
		return
	}
	_, _ = io.WriteString(w, answer)
}

func (s *scripted) asked() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.offsets)
}

func textUpdate(id int64, text string) string {
	return fmt.Sprintf(`{"update_id":%d,"message":{"message_id":1,"date":1,"from":{"id":5},"chat":{"id":5,"type":"private"},"text":%q}}`, id, text)
}

func batch(updates ...string) string {
	return `{"ok":true,"result":[` + strings.Join(updates, ",") + `]}`
}

func (s *scripted) world(t *testing.T) *world {
	t.Helper()
	w := setup(t, newTalk(silent))
	w.ch = answering(t, s.ServeHTTP)
	return w
}

func TestOffsets(t *testing.T) {
	t.Parallel()
	s := &scripted{answers: []string{
		batch(textUpdate(100, "a"), `{"no_id":true}`, `{"update_id":"odd"}`, `7`, textUpdate(102, "b")),
		batch(),
		batch(`{"no_id":true}`), // alone it can be neither stored nor confirmed
		batch(textUpdate(101, "late"), textUpdate(103, "c")),
		batch(textUpdate(7, "after a quiet week")), // ids may begin anywhere
		batch(textUpdate(7, "after a quiet week")), // the same one again
	}}
	w := s.world(t)
	w.listen(t)
	eventually(t, "all batches were asked for", func() bool { return len(s.asked()) == 7 })
	if got, want := s.asked(), []int64{0, 103, 103, 103, 104, 8, 8}; !slices.Equal(got, want) {
		t.Errorf("got offsets %d, want %d", got, want)
	}
	if got := words(w.talk.waitFor(t, 5)); !slices.Equal(got, []string{"a", "b", "late", "c", "after a quiet week"}) {
		t.Errorf("got %q, each once", got)
	}
}

func TestAnAnswerThatCannotBeReadIsAskedForAgain(t *testing.T) {
	t.Parallel()
	s := &scripted{answers: []string{`{"ok":true,"result":{}}`, `<html>`, `{"ok":true,"result":[{"upd`, batch(textUpdate(1, "a"))}}
	w := s.world(t)
	w.listen(t)
	w.talk.waitFor(t, 1)
	if got := s.asked(); !slices.Equal(got[:4], []int64{0, 0, 0, 0}) {
		t.Errorf("got offsets %d, want none confirmed", got)
	}
}

// failing is an inbox that cannot store until it is mended.
type failing struct {
	subscriptions.Inbox
	down atomic.Bool
}

func (f *failing) PutIncoming(ctx context.Context, in []subscriptions.Incoming) (int, error) {
	if f.down.Load() {
		return 0, errors.New("disk full")
	}
	return f.Inbox.PutIncoming(ctx, in)
}

func TestNothingIsConfirmedBeforeItIsStored(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.start(t, 5)
	inbox := &failing{Inbox: w.store}
	inbox.down.Store(true)
	w.cfg.Inbox = inbox
	_, stop := w.listen(t)
	eventually(t, "the failure is logged", func() bool { return strings.Contains(w.log.String(), "not stored, so not confirmed") })
	if w.srv.Pending() != 1 {
		t.Errorf("%d updates wait at Telegram, want 1", w.srv.Pending())
	}
	stop()
	inbox.down.Store(false)
	w.listen(t)
	w.talk.waitFor(t, 1)
	w.settled(t)
}

func TestStoredAndNotConfirmedIsHandledOnce(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.start(t, 5)
	w.says(t, 5, "one")
	// A process that stored its batch, and died before the next poll confirmed it.
	resp, err := http.Get(w.srv.URL() + "/bot" + token + "/getUpdates")
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Result []json.RawMessage }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || len(got.Result) != 2 {
		t.Fatalf("got %d updates, %v", len(got.Result), err)
	}
	_ = resp.Body.Close()
	ears := w.ch.Ears(w.cfg)
	for _, raw := range got.Result {
		in := must[subscriptions.Incoming](t)(ears.Take(raw))
		must[int](t)(w.store.PutIncoming(t.Context(), []subscriptions.Incoming{in}))
	}
	w.listen(t)
	w.talk.waitFor(t, 2)
	w.says(t, 5, "two")
	w.talk.waitFor(t, 3)
	w.settled(t)
	if got := words(w.talk.all()); !slices.Equal(got, []string{"/start", "one", "two"}) {
		t.Errorf("got %q, want each once and in order", got)
	}
}

func TestRetryAfterIsObeyedByThePoller(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.start(t, 5)
	begun := time.Now()
	w.srv.Inject(telegramtest.Fault{Do: telegramtest.TooMany, RetryAfter: 2, Methods: []string{"getUpdates"}, Times: 1})
	w.listen(t)
	w.talk.waitFor(t, 1)
	if took := time.Since(begun); took < 2*time.Second || took > 9*time.Second {
		t.Errorf("asked again after %v, want 2 s", took)
	}
	if v := w.srv.Violations(); len(v) != 0 {
		t.Errorf("got requests inside the window: %+v", v)
	}
}

func TestATokenPutBackResumes(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.start(t, 5)
	w.srv.Revoke()
	w.listen(t)
	eventually(t, "the refusal is logged with what to do", func() bool { return strings.Contains(w.log.String(), "set TELEGRAM_TOKEN") })
	w.srv.Restore()
	w.talk.waitFor(t, 1)
	hides(t, w.log.String())
}

func TestASecondPollerIsTold(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	w.listen(t)
	eventually(t, "both poll", func() bool {
		resp, err := http.Get(w.srv.URL() + "/bot" + token + "/getUpdates?timeout=0")
		if err == nil {
			_ = resp.Body.Close()
		}
		return strings.Contains(w.log.String(), "another program polls this bot")
	})
	if !strings.Contains(w.log.String(), "stop the other") {
		t.Error("the log does not say what to do")
	}
}

func TestAWebhookIsTakenAwayBeforePolling(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	resp, err := http.Get(w.srv.URL() + "/bot" + token + "/setWebhook?url=http://127.0.0.1:1/x")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	w.start(t, 5)
	w.listen(t)
	w.talk.waitFor(t, 1)
}

func TestWhoDoesNotOwnTheLaneNeitherPollsNorHandles(t *testing.T) {
	t.Parallel()
	w := setup(t, newTalk(nil))
	var owned atomic.Bool
	w.cfg.Owned = owned.Load
	w.start(t, 5)
	w.listen(t)
	time.Sleep(60 * time.Millisecond)
	if w.srv.Pending() != 1 || w.srv.Stats().Requests != 0 {
		t.Errorf("%d updates wait after %d requests, want 1 and 0", w.srv.Pending(), w.srv.Stats().Requests)
	}
	owned.Store(true)
	w.talk.waitFor(t, 1)
}
