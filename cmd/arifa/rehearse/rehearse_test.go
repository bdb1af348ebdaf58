package rehearse_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"arifa/cmd/arifa/rehearse"
)

// wire is a receiver in this process.
type wire struct {
	t       *testing.T
	in      *io.PipeWriter
	out     *json.Decoder
	address string
	ended   chan error
}

func receiver(t *testing.T) *wire {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	w := &wire{t: t, in: inW, out: json.NewDecoder(bufio.NewReader(outR)), ended: make(chan error, 1)}
	go func() { w.ended <- rehearse.Receive(inR, outW) }()
	t.Cleanup(func() {
		_ = w.in.Close()
		if err := <-w.ended; err != nil {
			t.Errorf("the receiver ended with %v", err)
		}
	})
	w.address = w.reply()["address"].(string)
	return w
}

func (w *wire) reply() map[string]any {
	w.t.Helper()
	var got map[string]any
	if err := w.out.Decode(&got); err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *wire) say(line string) map[string]any {
	w.t.Helper()
	if _, err := io.WriteString(w.in, line+"\n"); err != nil {
		w.t.Fatal(err)
	}
	return w.reply()
}

func (w *wire) tally() rehearse.Tally {
	w.t.Helper()
	b, err := json.Marshal(w.say(`{"full":true}`)["tally"])
	var t rehearse.Tally
	if err == nil {
		err = json.Unmarshal(b, &t)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// send posts one message and returns the status.
func (w *wire) send(chat int64) int {
	w.t.Helper()
	body := fmt.Sprintf(`{"chat_id":%d,"text":"%s"}`, chat, strings.Repeat("x", 20_000)) // larger than the receiver's buffer
	resp, err := http.Post("http://"+w.address+"/bot1:x/sendMessage", "application/json", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var a struct {
		OK         bool
		Parameters struct {
			RetryAfter int `json:"retry_after"`
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || a.OK != (resp.StatusCode == 200) || (resp.StatusCode == 429) != (a.Parameters.RetryAfter == 1) {
		w.t.Errorf("status %d with %+v (%v)", resp.StatusCode, a, err)
	}
	return resp.StatusCode
}

func TestReceiver_counts_who_was_missed_and_who_was_told_twice(t *testing.T) {
	t.Parallel()
	w := receiver(t)
	w.say(`{"begin":{"First":1000,"People":5}}`)
	for _, chat := range []int64{1000, 1001, 1001, 1001, 1002, 999, 1005} {
		w.send(chat)
	}
	got := w.tally()
	if got.Accepted != 5 || got.Missed != 2 || got.Duplicates != 2 || got.Strangers != 2 {
		t.Errorf("got %+v, want 5 accepted, 2 missed (1003, 1004), 2 too many (1001), 2 strangers", got)
	}
	if got.First == 0 || got.Last < got.First || got.Bytes < 5*20_000 {
		t.Errorf("got first %d, last %d, %d bytes", got.First, got.Last, got.Bytes)
	}
	if done := w.say(`{}`)["done"]; done != 3.0 {
		t.Errorf("done: got %v, want 3", done)
	}
	w.say(`{"begin":{"First":1000,"People":5}}`)
	if got := w.tally(); got.Accepted != 0 || got.Missed != 5 {
		t.Errorf("a new wave: got %+v, want nobody told", got)
	}
}

func TestReceiver_misbehaves_as_it_is_told(t *testing.T) {
	t.Parallel()
	w := receiver(t)
	w.say(`{"begin":{"First":1000,"People":200,"too_many":0.2,"failures":0.2}}`)
	again := []int64{}
	for chat := int64(1000); chat < 1200; chat++ {
		if w.send(chat) == 429 {
			again = append(again, chat)
		}
	}
	for _, chat := range again {
		if got := w.send(chat); got != 200 {
			t.Fatalf("after its 429 chat %d got %d, want 200", chat, got)
		}
	}
	got := w.tally()
	if got.Missed != 0 || got.Duplicates != 0 || got.Accepted+got.Blocked != 200 {
		t.Errorf("got %+v, want everybody told or blocked", got)
	}
	if got.TooMany != len(again) || len(again) < 15 || got.Blocked < 20 || got.Blocked > 60 {
		t.Errorf("got %d times 429 (%d seen) and %d blocked, want about a fifth each", got.TooMany, len(again), got.Blocked)
	}
}

func TestReceiver_keeps_its_limit(t *testing.T) {
	t.Parallel()
	w := receiver(t)
	w.say(`{"begin":{"First":1000,"People":100,"limit":7}}`)
	taken := 0
	begun := time.Now()
	for chat := int64(1000); chat < 1100; chat++ {
		if w.send(chat) == 200 {
			taken++
		}
	}
	if most := 7 * (2 + int(time.Since(begun)/time.Second)); taken < 7 || taken > most {
		t.Errorf("a limit of 7 a second took %d of 100, want 7 to %d", taken, most)
	}
}

func TestPace(t *testing.T) {
	t.Parallel()
	pulses := make([]int, 200) // 20 s with 10 a tenth, and one burst
	for i := range pulses {
		pulses[i] = 10
	}
	pulses[50] = 60
	wave := rehearse.Tally{Accepted: 2050, First: 0, Last: int64(20 * time.Second), Pulses: pulses}
	got := rehearse.PaceOf(wave, 100)
	if got.Share < 1.02 || got.Share > 1.03 || got.Most1s != 1.5 || got.Most10s != 1.05 {
		t.Errorf("got %+v, want 102.5 %% used, 150 %% in a second, 105 %% in ten", got)
	}
	if got := rehearse.PaceOf(wave, 0); got.Share != 0 {
		t.Errorf("without a budget: got %+v", got)
	}
}

func TestPlot_is_a_picture(t *testing.T) {
	t.Parallel()
	svg := rehearse.Plot(rehearse.Result{People: 10, Store: "sqlite <&>", Wave: rehearse.Tally{Pulses: make([]int, 4000)}}, rehearse.Config{Rate: 28})
	d := xml.NewDecoder(bytes.NewReader(svg))
	shapes := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
		if s, ok := token.(xml.StartElement); ok && s.Name.Local == "rect" {
			shapes++
		}
	}
	if shapes < 100 || shapes > 200 {
		t.Errorf("got %d shapes, want at most one for each of 160 bars", shapes)
	}
}

func TestResult_has_exactly_the_figures_that_were_promised(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(rehearse.Result{Store: "x", People: 3})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"share_of_raw_floor":0,"share_of_net_http":0,"messages_per_second":0,"cpu_seconds_per_100k":0,"peak_rss_mib":0,"first_message_ms":0,"missed":0,"duplicates":0}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}
