package notifiers_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// network is a small working messenger on a real socket: it keeps what was
// accepted, and fails as it is told.
type network struct {
	server *httptest.Server

	mu      sync.Mutex
	next    int
	ledger  []entry
	texts   map[string]string // of messages that exist
	fault   func(wire) *answer
	pinned  map[string]string
	begun   []time.Time // of every request, refused ones included
	stopped chan struct{}
}

// wire is one request.
type wire struct {
	Method string `json:"-"` // send, edit, pin, unpin, find
	Key    string `json:"key"`
	To     string `json:"to"`
	Text   string `json:"text"`
	Reply  string `json:"reply,omitempty"`
	Edit   string `json:"edit,omitempty"`
	Silent bool   `json:"silent,omitempty"`
}

type entry struct {
	wire
	Message string
	Begun   time.Time
}

// answer is a programmed ending of one request.
type answer struct {
	status int
	after  time.Duration
	lane   bool
	to     string
	body   string // in place of the JSON
	hang   bool   // until the client leaves
	cut    bool   // the connection, without an answer
	accept bool   // it arrives all the same
}

type reply struct {
	Message string        `json:"message,omitempty"`
	After   time.Duration `json:"after,omitempty"`
	Lane    bool          `json:"lane,omitempty"`
	To      string        `json:"to,omitempty"`
	Found   bool          `json:"found,omitempty"`
}

func newNetwork(t testing.TB) *network {
	n := &network{texts: map[string]string{}, pinned: map[string]string{}, stopped: make(chan struct{})}
	n.server = httptest.NewServer(n)
	t.Cleanup(func() { close(n.stopped); n.server.CloseClientConnections(); n.server.Close() })
	return n
}

func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	var q wire
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	q.Method = r.URL.Path[1:]
	n.mu.Lock()
	n.begun = append(n.begun, begun)
	var a *answer
	if n.fault != nil {
		a = n.fault(q)
	}
	status, out := http.StatusOK, reply{}
	if a == nil || a.accept {
		status, out = n.accept(q, begun)
	}
	n.mu.Unlock()
	if a == nil {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(out)
		return
	}
	n.fail(w, r, *a)
}

func (n *network) fail(w http.ResponseWriter, r *http.Request, a answer) {
	switch {
	case a.hang:
		select {
		case <-r.Context().Done():
		case <-n.stopped:
		}
	case a.cut:
		panic(http.ErrAbortHandler)
	case a.body != "":
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(a.body))
	default:
		w.WriteHeader(a.status)
		_ = json.NewEncoder(w).Encode(reply{After: a.after, Lane: a.lane, To: a.to})
	}
}

// accept does what was asked; the caller holds the lock.
func (n *network) accept(q wire, begun time.Time) (int, reply) {
	switch q.Method {
	case "pin":
		n.pinned[q.To] = q.Edit
		return http.StatusOK, reply{}
	case "unpin":
		if n.pinned[q.To] == q.Edit {
			delete(n.pinned, q.To)
		}
		return http.StatusOK, reply{}
	case "find":
		for _, e := range n.ledger {
			if e.Key == q.Key {
				return http.StatusOK, reply{Message: e.Message, Found: true}
			}
		}
		return http.StatusOK, reply{}
	case "edit":
		if _, exists := n.texts[q.Edit]; !exists {
			return http.StatusGone, reply{}
		}
		if n.texts[q.Edit] == q.Text {
			return http.StatusNotModified, reply{}
		}
		n.texts[q.Edit] = q.Text
		n.ledger = append(n.ledger, entry{q, q.Edit, begun})
		return http.StatusOK, reply{Message: q.Edit}
	}
	if _, exists := n.texts[q.Reply]; !exists {
		q.Reply = ""
	}
	n.next++
	id := strconv.Itoa(n.next)
	n.texts[id] = q.Text
	n.ledger = append(n.ledger, entry{q, id, begun})
	return http.StatusOK, reply{Message: id}
}

// failing sets how requests fail from now on; nil ends it.
func (n *network) failing(f func(wire) *answer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fault = f
}

// once lets only the next request fail.
func (n *network) once(a answer) {
	n.failing(func(wire) *answer {
		n.fault = nil
		return &a
	})
}

func (n *network) entries() []entry {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]entry(nil), n.ledger...)
}

func (n *network) requests() []time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]time.Time(nil), n.begun...)
}

func (n *network) pinnedIn(chat string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.pinned[chat]
}
