package telegramtest

import (
	"bufio"
	"io"
	"iter"
	"slices"
	"strconv"
	"time"
)

// Kind says what a ledger entry did.
type Kind uint8

// The kinds, as the ledger's lines spell them.
const (
	Send    Kind = iota + 1 // "send": a new message
	Edit                    // "edit": new words, or new buttons, in place
	Delete                  // "delete"
	Pin                     // "pin"
	Unpin                   // "unpin"
	Buttons                 // "buttons": editMessageReplyMarkup, text unchanged
)

func (k Kind) String() string {
	names := [...]string{"", "send", "edit", "delete", "pin", "unpin", "buttons"}
	if int(k) < len(names) {
		return names[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Entry is one accepted change.
type Entry struct {
	Seq      int64         // from 1, without gaps
	Begun    time.Duration // real monotonic time since Epoch when the request began
	Accepted time.Duration // … and when it was taken into the ledger
	At       time.Time     // the server's clock, whole seconds, UTC
	Chat     int64
	Message  int
	ReplyTo  int // 0 = not a reply
	Kind     Kind
	Silent   bool
	Hash     uint64 // Hash of the plain text; of Send and Edit
	Tag      string // what Config.Tag found in it
}

// entry is an Entry in 40 bytes without pointers.
type entry struct {
	begun   uint64 // microseconds << 16 | silent << 8 | kind
	hash    uint64
	took    uint32 // microseconds from begun to accepted, at most 71 minutes
	at      uint32 // Unix seconds
	chat    uint32 // index in Server.chats
	message int32
	replyTo int32
	tag     uint32 // index in ledger.tags
}

type ledger struct {
	slab[entry]
	tags  []string
	tagNo map[string]uint32
	to    io.Writer
	err   error
	line  []byte
}

func newLedger(to io.Writer) ledger {
	return ledger{tags: []string{""}, tagNo: map[string]uint32{"": 0}, to: to}
}

func (l *ledger) tag(tag string) uint32 {
	no, known := l.tagNo[tag]
	if !known {
		no = uint32(len(l.tags))
		l.tags = append(l.tags, tag)
		l.tagNo[tag] = no
	}
	return no
}

// record takes an accepted change into the ledger; s.mu is held.
func (s *Server) record(r *request, c *chat, kind Kind, m *message, hash uint64, tag string) uint32 {
	begun := uint64(r.begun.Microseconds())
	e := entry{
		begun: begun<<16 | uint64(kind), hash: hash, at: uint32(s.now().Unix()), chat: c.index,
		took:    uint32(min(uint64(s.real().Microseconds())-begun, 1<<32-1)),
		message: m.id, replyTo: m.replyTo, tag: s.ledger.tag(tag),
	}
	if m.is(silent) {
		e.begun |= 1 << 8
	}
	no := s.ledger.add(e)
	s.counts.accepted.Add(1)
	if s.ledger.to != nil && s.ledger.err == nil {
		s.ledger.line = appendLine(s.ledger.line[:0], e.open(no, c.id, tag))
		_, s.ledger.err = s.ledger.to.Write(s.ledger.line)
	}
	return no
}

func (e entry) open(no uint32, chat int64, tag string) Entry {
	begun := time.Duration(e.begun>>16) * time.Microsecond
	return Entry{
		Seq: int64(no), Begun: begun, Accepted: begun + time.Duration(e.took)*time.Microsecond,
		At: time.Unix(int64(e.at), 0).UTC(), Chat: chat, Message: int(e.message), ReplyTo: int(e.replyTo),
		Kind: Kind(e.begun & 0xff), Silent: e.begun>>8&1 == 1, Hash: e.hash, Tag: tag,
	}
}

// Seq is the number of the newest ledger entry.
func (s *Server) Seq() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(s.ledger.n)
}

// Entries are the ledger's entries of this moment, oldest first. The loop may
// call the Server.
func (s *Server) Entries() iter.Seq[Entry] { return s.entriesAfter(0) }

func (s *Server) entriesAfter(after int64) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		s.mu.Lock()
		view := slab[entry]{pages: slices.Clone(s.ledger.pages), n: s.ledger.n}
		chats, tags := s.chats[:len(s.chats):len(s.chats)], s.ledger.tags[:len(s.ledger.tags):len(s.ledger.tags)]
		s.mu.Unlock()
		for no := max(after, 0) + 1; no <= int64(view.n); no++ {
			e := *view.at(uint32(no))
			if !yield(e.open(uint32(no), chats[e.chat].id, tags[e.tag])) {
				return
			}
		}
	}
}

// WriteLedger writes the ledger as JSON Lines.
func (s *Server) WriteLedger(w io.Writer) error { return s.writeLedger(w, 0) }

func (s *Server) writeLedger(w io.Writer, after int64) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var line []byte
	for e := range s.entriesAfter(after) {
		line = appendLine(line[:0], e)
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	return out.Flush()
}

// appendLine writes one entry as JSON with a newline. Times are microseconds
// since Epoch; the hash is hexadecimal, because JSON numbers lose its last bits.
func appendLine(b []byte, e Entry) []byte {
	number := func(key string, n int64) {
		b = append(append(append(b, `,"`...), key...), `":`...)
		b = strconv.AppendInt(b, n, 10)
	}
	b = strconv.AppendInt(append(b, `{"seq":`...), e.Seq, 10)
	number("begun_us", e.Begun.Microseconds())
	number("accepted_us", e.Accepted.Microseconds())
	number("at", e.At.Unix())
	number("chat", e.Chat)
	number("message", int64(e.Message))
	if e.ReplyTo != 0 {
		number("reply_to", int64(e.ReplyTo))
	}
	b = append(append(append(b, `,"kind":"`...), e.Kind.String()...), '"')
	if e.Silent {
		b = append(b, `,"silent":true`...)
	}
	if e.Hash != 0 {
		b = append(strconv.AppendUint(append(b, `,"hash":"`...), e.Hash, 16), '"')
	}
	if e.Tag != "" {
		b = append(append(b, `,"tag":`...), raw(e.Tag)...)
	}
	return append(b, '}', '\n')
}
