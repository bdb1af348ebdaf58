package rehearse

import (
	"bytes"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// pulse is the width of one bar of the pace; paceFor is how long it is kept.
const (
	pulse   = 100 * time.Millisecond
	paceFor = 2 * time.Hour
)

// Tally is what the receiver saw of one wave.
type Tally struct {
	Accepted   int   // messages
	Missed     int   // people never told, who had not blocked the bot
	Duplicates int   // messages beyond the first to one person
	Strangers  int   // messages to chats that nobody invented
	Blocked    int   // people who had blocked the bot and were tried
	TooMany    int   // 429 answers
	Bytes      int64 // of the accepted requests, heads included
	First      int64 // Unix time of the first and last message, ns
	Last       int64
	Pulses     []int // messages in each 100 ms from the begin on
}

// ledger is one wave: a counter for each person.
type ledger struct {
	begin
	begun                             time.Time
	stale                             atomic.Bool
	done                              atomic.Int64
	counts                            []atomic.Uint32
	pulses                            []atomic.Uint32
	first, last                       atomic.Int64
	bytes                             atomic.Int64
	accepted, strangers, blocked, too atomic.Int64

	mu     sync.Mutex // of the limit
	recent [10]int    // messages in each tenth of the last second
	tenth  int64
}

// marks in a person's counter; the rest of it counts messages.
const (
	refusedOnce = 1 << 30
	hasBlocked  = 1 << 31
	messages    = refusedOnce - 1
)

func newLedger(b begin) *ledger {
	return &ledger{begin: b, begun: time.Now(), counts: make([]atomic.Uint32, b.People), pulses: make([]atomic.Uint32, paceFor/pulse)}
}

// take enters one message and writes the answer.
func (l *ledger) take(out []byte, size int, body []byte) []byte {
	if l == nil {
		return answer(out, 400, `{"ok":false,"error_code":400,"description":"Bad Request: no wave has begun"}`)
	}
	if l.Latency > 0 {
		time.Sleep(l.Latency)
	}
	chat := chatOf(body)
	who := chat - l.First
	if who < 0 || who >= int64(l.People) {
		l.strangers.Add(1)
		return answer(out, 400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`)
	}
	now := time.Now()
	c := &l.counts[who]
	switch {
	case l.Failures > 0 && chance(chat, 1) < l.Failures:
		if c.Load() == 0 {
			c.Store(hasBlocked)
			l.blocked.Add(1)
			l.done.Add(1)
		}
		return answer(out, 403, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`)
	case l.TooMany > 0 && c.Load() == 0 && chance(chat, 2) < l.TooMany:
		c.Store(refusedOnce)
		return l.tooMany(out)
	case l.Limit > 0 && !l.within(now):
		return l.tooMany(out)
	}
	if c.Add(1)&messages == 1 {
		l.done.Add(1)
	}
	n := l.accepted.Add(1)
	l.bytes.Add(int64(size))
	at := now.UnixNano()
	if n == 1 {
		l.first.Store(at)
	}
	l.last.Store(at)
	if p := int(now.Sub(l.begun) / pulse); p < len(l.pulses) {
		l.pulses[p].Add(1)
	}
	return sent(out, n, now.Unix(), chat)
}

func (l *ledger) tooMany(out []byte) []byte {
	l.too.Add(1)
	return answer(out, 429, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}`)
}

// within counts a message against the limit, unless the last second is full.
func (l *ledger) within(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := now.UnixNano() / int64(100*time.Millisecond)
	for ; l.tenth < t; l.tenth++ {
		if t-l.tenth > int64(len(l.recent)) {
			l.tenth = t - int64(len(l.recent))
		}
		l.recent[(l.tenth+1)%int64(len(l.recent))] = 0
	}
	sum := 0
	for _, n := range l.recent {
		sum += n
	}
	if sum >= l.Limit {
		return false
	}
	l.recent[t%int64(len(l.recent))]++
	return true
}

func (l *ledger) tally() Tally {
	t := Tally{Accepted: int(l.accepted.Load()), Strangers: int(l.strangers.Load()), Blocked: int(l.blocked.Load()), TooMany: int(l.too.Load()),
		Bytes: l.bytes.Load(), First: l.first.Load(), Last: l.last.Load()}
	for i := range l.counts {
		c := l.counts[i].Load()
		switch n := int(c & messages); {
		case n == 0 && c&hasBlocked == 0:
			t.Missed++
		case n > 1:
			t.Duplicates += n - 1
		}
	}
	for i := range l.pulses {
		if n := int(l.pulses[i].Load()); n > 0 {
			for len(t.Pulses) < i {
				t.Pulses = append(t.Pulses, 0)
			}
			t.Pulses = append(t.Pulses, n)
		}
	}
	return t
}

// chance is a number from 0 to 1 that is always the same for a chat.
func chance(chat int64, salt uint64) float64 {
	x := uint64(chat)*0x9E3779B97F4A7C15 + salt*0xD1B54A32D192ED03
	x ^= x >> 32
	x *= 0xD6E8FEB86659FD93
	x ^= x >> 32
	return float64(x>>11) / math.Exp2(53)
}

var chatKey = []byte(`"chat_id":`)

func chatOf(body []byte) int64 {
	at := bytes.Index(body, chatKey)
	if at < 0 {
		return 0
	}
	id, _ := strconv.ParseInt(string(digitsAt(body[at+len(chatKey):])), 10, 64)
	return id
}

// sent answers as Telegram does, without repeating the text.
func sent(out []byte, id, date, chat int64) []byte {
	var body [160]byte
	b := append(body[:0], `{"ok":true,"result":{"message_id":`...)
	b = strconv.AppendInt(b, id, 10)
	b = append(b, `,"date":`...)
	b = strconv.AppendInt(b, date, 10)
	b = append(b, `,"chat":{"id":`...)
	b = strconv.AppendInt(b, chat, 10)
	b = append(b, `,"type":"private"}}}`...)
	out = append(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(b)), 10)
	out = append(out, "\r\n\r\n"...)
	return append(out, b...)
}
