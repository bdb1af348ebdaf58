package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"arifa/subscriptions"
)

// sessionManager keeps visits in the store, by the hash of a token that only the
// browser has. Over TLS the cookie's name binds it to this very host.
func (c *Console) sessionManager(https bool) *scs.SessionManager {
	m := scs.New()
	m.Store = sessionStore{c.Sessions, c.Now}
	m.Codec = codec{}
	m.Lifetime = Longest
	m.Cookie.Name, m.Cookie.Secure = "arifa-desk", https
	if https {
		m.Cookie.Name = "__Host-arifa-desk"
	}
	m.Cookie.Persist = !c.Leaps
	m.Cookie.SameSite = http.SameSiteLaxMode // a link from a chat finds its officer signed in
	m.ErrorFunc = func(_ http.ResponseWriter, _ *http.Request, err error) { panic(sessionTrouble{err}) }
	return m
}

// sessionTrouble carries an error of the store through scs, whose middleware
// cannot return one.
type sessionTrouble struct{ error }

// withSession runs h in the session of the request. What h changes of it is stored
// before the first byte of the answer goes out.
func (c *Console) withSession(w http.ResponseWriter, r *http.Request, h func(http.ResponseWriter, *http.Request) error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case sessionTrouble:
			err = p.error
		default:
			panic(p)
		}
	}()
	c.sessions.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = h(w, r) })).ServeHTTP(w, r)
	return err
}

// sessionStore is the store's sessions as scs asks for them, by the token's hash.
type sessionStore struct {
	sessions subscriptions.Sessions
	now      func() time.Time
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (s sessionStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	v, err := s.sessions.Session(ctx, hashOf(token), s.now())
	if errors.Is(err, subscriptions.ErrNotFound) {
		return nil, false, nil
	}
	return v.Data, err == nil, err
}

func (s sessionStore) CommitCtx(ctx context.Context, token string, data []byte, ends time.Time) error {
	return s.sessions.PutSession(ctx, subscriptions.Session{Hash: hashOf(token), Data: data, Ends: ends}, s.now())
}

func (s sessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.sessions.EndSession(ctx, hashOf(token))
}

// The plain methods are asked for by scs's interface and never called: it prefers
// those with a context.

func (s sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s sessionStore) Commit(token string, data []byte, ends time.Time) error {
	return s.CommitCtx(context.Background(), token, data, ends)
}

func (s sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// codec writes a session as JSON: one visit.
type codec struct{}

type sessionDoc struct {
	Ends  time.Time
	Visit string
}

const visitKey = "visit"

func (codec) Encode(ends time.Time, values map[string]any) ([]byte, error) {
	v, _ := values[visitKey].(string)
	return json.Marshal(sessionDoc{ends, v})
}

func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	var d sessionDoc
	err := json.Unmarshal(b, &d)
	return d.Ends, map[string]any{visitKey: d.Visit}, err
}
