package telegramtest_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"arifa/notifiers/telegram/telegramtest"
)

// notice is about what a citizen gets: 700 characters and three buttons.
const notice = `{"chat_id":%d,"parse_mode":"HTML","text":"<b>0103-1 eCitizen payments fail</b>\n%s\nBlocked for you: <b>KRA: pay tax</b>, <b>KWS: park entry</b>.","reply_markup":{"inline_keyboard":[[{"text":"Copy 572572","copy_text":{"text":"572572"}}],[{"text":"Page","url":"https://arifa.example/n/2025-0103-1"},{"text":"Stop","callback_data":"leave:kra-pay-tax"}]]}}`

func newCrowd(b testing.TB, n int) *telegramtest.Server {
	cfg := noLimits()
	cfg.KeepLast = 1
	cfg.Tag = func(text string) string { return text[:min(len(text), 6)] }
	srv := telegramtest.New(cfg)
	b.Cleanup(func() { _ = srv.Close() })
	for id := int64(1); id <= int64(n); id++ {
		srv.AddUser(id, "sw")
		if _, err := srv.Start(id, ""); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := try(srv, "getUpdates", fields{"offset": 1 << 40}); err != nil {
		b.Fatal(err)
	}
	return srv
}

// BenchmarkSendMessage sends over 32 keep-alive connections with a client that
// costs next to nothing, so that it measures the server.
func BenchmarkSendMessage(b *testing.B) {
	const crowd = 1000
	srv := newCrowd(b, crowd)
	address := strings.TrimPrefix(srv.URL(), "http://")
	filler := strings.Repeat("Usilipe tena kama pesa imeondoka. ", 16)
	var next atomic.Int64
	b.SetParallelism(max(32/runtime.GOMAXPROCS(0), 1))
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		in := bufio.NewReader(conn)
		for pb.Next() {
			body := fmt.Sprintf(notice, next.Add(1)%crowd+1, filler)
			_, err := fmt.Fprintf(conn, "POST /bot%s/sendMessage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", srv.Token(), len(body), body)
			if err == nil {
				err = skipAnswer(in)
			}
			if err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
}

func skipAnswer(in *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("got %s, want 200", line)
		}
		if value, found := bytes.CutPrefix(line, []byte("Content-Length: ")); found {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
		if len(bytes.TrimSpace(line)) == 0 {
			_, err := in.Discard(length)
			return err
		}
	}
}

// TestMemoryOfACrowd holds the ledger to its size: ids and hashes, no texts.
func TestMemoryOfACrowd(t *testing.T) {
	const crowd, rounds = 2000, 5
	before := liveHeap()
	srv := newCrowd(t, crowd)
	people := liveHeap() - before
	for round := range rounds {
		for id := 1; id <= crowd; id++ {
			must(t, srv, "sendMessage", fields{"chat_id": id, "text": fmt.Sprintf("0103-%d %s", round, strings.Repeat("x", 700))})
		}
	}
	http.DefaultClient.CloseIdleConnections()
	each := float64(liveHeap()-before-people) / (crowd * rounds)
	t.Logf("a person costs %d bytes, a message %.0f", people/crowd, each)
	if each > 120 {
		t.Errorf("memory of a message: got %.0f bytes, want at most 120", each)
	}
	if people/crowd > 400 {
		t.Errorf("memory of a person: got %d bytes, want at most 400", people/crowd)
	}
	runtime.KeepAlive(srv)
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
