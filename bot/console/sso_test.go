package console_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"arifa/bot/console"
	"arifa/subscriptions"
)

// provider is a small OpenID Connect provider on a real socket. It is strict: a
// wrong redirect, a code that was used, a wrong secret or a verifier that does not
// fit its challenge get nothing. Its faults are set by the tests.
type provider struct {
	*httptest.Server
	t      testing.TB
	id     string
	secret string
	back   string
	now    func() time.Time

	mu      sync.Mutex
	subject string
	codes   map[string]grantOf
	rsa     *rsa.PrivateKey
	ec      *ecdsa.PrivateKey
	alg     string
	// faults
	claims   func(map[string]any)
	token    func(string) string
	broken   map[string]int // path → status
	issuer   string
	hidden   bool // the keys are not published
	deny     string
	verified int
}

// Keys take a while to make, so all providers share them; the second is another's.
var (
	rsaKeys = sync.OnceValue(func() (two [2]*rsa.PrivateKey) {
		for i := range two {
			var err error
			if two[i], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
				panic(err)
			}
		}
		return two
	})
	ecKey = sync.OnceValue(func() *ecdsa.PrivateKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		return key
	})
)

type grantOf struct{ nonce, challenge string }

func newProvider(t testing.TB, now func() time.Time) *provider {
	p := &provider{rsa: rsaKeys()[0], ec: ecKey(), t: t, id: "arifa", secret: "a secret of ours", now: now, subject: "kamau@kra", codes: map[string]grantOf{}, alg: "RS256", broken: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.exchange)
	mux.HandleFunc("GET /keys", p.keys)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		status := p.broken[r.URL.Path]
		p.mu.Unlock()
		if status != 0 {
			http.Error(w, strings.Repeat("x", 3<<20), status)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	p.issuer = p.URL
	t.Cleanup(p.Close)
	return p
}

func (p *provider) discovery(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{
		"issuer": p.issuer, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic"}, "code_challenge_methods_supported": []string{"S256"},
	})
}

// authorize stands for the provider's own page, where its user is signed in.
func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.mu.Lock()
	defer p.mu.Unlock()
	if q.Get("client_id") != p.id || q.Get("redirect_uri") != p.back || q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), "openid") || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" {
		http.Error(w, "wrong request: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if p.deny != "" {
		back.Set("error", p.deny)
	} else {
		code := rand.Text()
		p.codes[code] = grantOf{q.Get("nonce"), q.Get("code_challenge")}
		back.Set("code", code)
	}
	http.Redirect(w, r, p.back+"?"+back.Encode(), http.StatusFound)
}

func (p *provider) exchange(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	p.mu.Lock()
	defer p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	secret, _ = url.QueryUnescape(secret)
	g, ok := p.codes[r.Form.Get("code")]
	delete(p.codes, r.Form.Get("code")) // each is used once
	sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	if !ok || id != p.id || secret != p.secret || r.Form.Get("redirect_uri") != p.back || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	p.verified++
	claims := map[string]any{"iss": p.URL, "sub": p.subject, "aud": p.id, "exp": p.now().Add(5 * time.Minute).Unix(), "iat": p.now().Unix(), "nonce": g.nonce}
	if p.claims != nil {
		p.claims(claims)
	}
	token := p.sign(claims)
	if p.token != nil {
		token = p.token(token)
	}
	w.Header().Set("Content-Type", "application/json")
	answer := map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": token}
	if token == "" {
		delete(answer, "id_token")
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (p *provider) sign(claims map[string]any) string {
	kid := map[string]string{"RS256": "r1", "ES256": "e1"}[p.alg]
	head, _ := json.Marshal(map[string]string{"alg": p.alg, "kid": kid, "typ": "JWT"})
	body, _ := json.Marshal(claims)
	text := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	var sig []byte
	switch p.alg {
	case "RS256":
		sig, _ = rsa.SignPKCS1v15(rand.Reader, p.rsa, crypto.SHA256, sum[:])
	case "ES256":
		r, s, _ := ecdsa.Sign(rand.Reader, p.ec, sum[:])
		sig = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	case "HS256":
		m := hmac.New(sha256.New, []byte(p.secret))
		m.Write([]byte(text))
		sig = m.Sum(nil)
	}
	return text + "." + b64(sig)
}

func (p *provider) keys(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keys := []map[string]string{
		{"kty": "RSA", "kid": "r1", "use": "sig", "alg": "RS256", "n": b64(p.rsa.N.Bytes()), "e": b64(big.NewInt(int64(p.rsa.E)).Bytes())},
		{"kty": "EC", "kid": "e1", "use": "sig", "alg": "ES256", "crv": "P-256", "x": b64(p.ec.X.FillBytes(make([]byte, 32))), "y": b64(p.ec.Y.FillBytes(make([]byte, 32)))},
	}
	if p.hidden {
		keys = nil
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": keys})
}

// withSSO is a console beside a provider, with Kamau's account there linked.
func withSSO(t testing.TB) (*bundle, *provider) {
	t.Helper()
	var p *provider
	b := setup(t, func(c *console.Config) {
		p = newProvider(t, c.Now)
		p.back = c.URL + "/desk/sso/back"
		c.OIDC = &console.OIDC{Issuer: p.URL, ClientID: p.id, ClientSecret: p.secret}
	})
	code, err := b.desk.StartLink(ctx, b.kraAuthor.actor, b.kraAuthor.Officer.ID, b.clock())
	b.must(err)
	_, err = b.desk.Link(ctx, code, subscriptions.Identity{Provider: "oidc", Subject: p.URL + " kamau@kra"}, "cli", b.clock())
	b.must(err)
	b.pass(time.Minute)
	return b, p
}

// leaves goes to the provider and returns with what it gave: the address of return.
func (w *browser) leaves(from string) string {
	w.Helper()
	got := w.get(from)
	w.want(got, http.StatusSeeOther, "")
	resp, err := (&http.Client{CheckRedirect: w.http.CheckRedirect}).Get(got.Header.Get("Location"))
	w.must(err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		w.Fatalf("the provider answers %d to %s", resp.StatusCode, got.Header.Get("Location"))
	}
	back, err := url.Parse(resp.Header.Get("Location"))
	w.must(err)
	return back.RequestURI()
}

func TestSSO(t *testing.T) {
	t.Parallel()
	for _, alg := range []string{"RS256", "ES256"} {
		b, p := withSSO(t)
		p.alg = alg
		w := b.browser()
		w.want(w.get("/desk/sign-in"), 200, "Sign in at your organisation")
		back := w.leaves("/desk/sso?to=/desk/officers")
		got := w.get(back)
		w.want(got, http.StatusSeeOther, "")
		w.want(w.get("/desk/officers"), 401, "Kamau Njoroge") // the six digits come after it
		w.want(w.get(back), 403, "belongs to no question")    // an answer is taken once
		got = w.post("/desk/prove", "code", b.code(b.kraAuthor), "to", "/desk/officers")
		w.want(got, http.StatusSeeOther, "")
		w.want(w.get("/desk/officers"), 200, "")
		if logged := b.logged.String(); strings.Contains(logged, p.secret) || strings.Contains(logged, "kamau@kra") {
			t.Errorf("%s: the log tells a secret or a person: %s", alg, logged)
		}
	}
}

// Everything about an answer that can be wrong lets nobody in.
func TestSSORefused(t *testing.T) {
	t.Parallel()
	set := func(name string, v any) func(*provider) {
		return func(p *provider) { p.claims = func(c map[string]any) { c[name] = v } }
	}
	unset := func(name string) func(*provider) {
		return func(p *provider) { p.claims = func(c map[string]any) { delete(c, name) } }
	}
	for _, c := range []struct {
		name  string
		fault func(*provider)
		back  func(string) string
	}{
		{"another issuer", set("iss", "https://elsewhere.example"), nil},
		{"for another program", set("aud", "another"), nil},
		{"for several programs, ours unnamed", set("aud", []string{"arifa", "another"}), nil},
		{"made for another program", set("azp", "another"), nil},
		{"expired", set("exp", time.Now().Add(-48*time.Hour).Unix()), nil},
		{"without an end", unset("exp"), nil},
		{"not valid yet", set("nbf", time.Now().Add(48*time.Hour).Unix()), nil},
		{"another nonce", set("nonce", "another"), nil},
		{"no nonce", unset("nonce"), nil},
		{"nobody", set("sub", ""), nil},
		{"a name too long", set("sub", strings.Repeat("x", 300)), nil},
		{"somebody who is linked to nobody", set("sub", "mallory@kra"), nil},
		{"no signature", func(p *provider) { p.alg = "none" }, nil},
		{"signed with our secret", func(p *provider) { p.alg = "HS256" }, nil},
		{"another key", func(p *provider) { p.rsa = rsaKeys()[1]; p.hidden = true }, nil},
		{"changed after it was signed", func(p *provider) {
			p.token = func(s string) string {
				parts := strings.Split(s, ".")
				body, _ := base64.RawURLEncoding.DecodeString(parts[1])
				parts[1] = b64([]byte(strings.Replace(string(body), "kamau@kra", "amina@kra", 1)))
				return strings.Join(parts, ".")
			}
		}, nil},
		{"no id token", func(p *provider) { p.token = func(string) string { return "" } }, nil},
		{"nonsense for a token", func(p *provider) { p.token = func(string) string { return "a.b.c" } }, nil},
		{"the token endpoint is broken", func(p *provider) { p.broken["/token"] = 500 }, nil},
		{"the keys are away", func(p *provider) { p.broken["/keys"] = 503 }, nil},
		{"refused there", func(p *provider) { p.deny = "access_denied" }, nil},
		{"another state", nil, func(s string) string { return strings.Replace(s, "state=", "state=x", 1) }},
		{"no state", nil, func(s string) string { return strings.Replace(s, "state=", "other=", 1) }},
		{"an invented code", nil, func(s string) string { return strings.Replace(s, "code=", "code=x", 1) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, p := withSSO(t)
			if c.fault != nil {
				c.fault(p)
			}
			w := b.browser()
			back := w.leaves("/desk/sso")
			if c.back != nil {
				back = c.back(back)
			}
			w.want(w.get(back), 403, "Sign in")
			w.want(w.get("/desk/prove"), 401, "") // not even half in
			w.want(w.post("/desk/prove", "code", b.code(b.kraAuthor)), 401, "")
		})
	}
}

// The answer to one browser lets no other in: not with its code, and not by sending
// somebody to it.
func TestSSOBelongsToItsBrowser(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t)
	back := b.browser().leaves("/desk/sso")
	other := b.browser()
	other.want(other.get(back), 403, "belongs to no question")
	other.leaves("/desk/sso") // with a question of its own
	other.want(other.get(back), 403, "belongs to no question")
	slow := b.browser()
	back = slow.leaves("/desk/sso")
	b.pass(10 * time.Minute)
	slow.want(slow.get(back), 403, "belongs to no question")
	if p.verified != 0 {
		t.Errorf("%d codes were exchanged", p.verified)
	}
}

// A provider that is away keeps nobody from the other ways in, and is asked again.
func TestSSOAway(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t)
	p.broken["/.well-known/openid-configuration"] = 500
	w := b.browser()
	w.want(w.get("/desk/sso"), 502, "cannot be reached now")
	w.want(w.get("/desk/sign-in"), 200, "With a one-time link")
	p.mu.Lock()
	p.issuer = "https://elsewhere.example" // who answers for another is not believed
	delete(p.broken, "/.well-known/openid-configuration")
	p.mu.Unlock()
	w.want(w.get("/desk/sso"), 502, "cannot be reached now")
	p.mu.Lock()
	p.issuer = p.URL
	p.mu.Unlock()
	w.want(w.get(w.leaves("/desk/sso")), http.StatusSeeOther, "")
}

// A new signing key is found without a restart.
func TestSSOKeysRotate(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t)
	w := b.browser()
	w.want(w.get(w.leaves("/desk/sso")), http.StatusSeeOther, "")
	p.mu.Lock()
	p.rsa = rsaKeys()[1]
	p.mu.Unlock()
	w = b.browser()
	w.want(w.get(w.leaves("/desk/sso")), http.StatusSeeOther, "")
}

// An officer links her own account, with fresh digits; it is nobody else's after.
func TestSSOLinks(t *testing.T) {
	t.Parallel()
	b, p := withSSO(t)
	p.subject = "kerubo@kra"
	w := b.comes(b.kraSecond)
	b.pass(console.FreshFor)
	w.want(w.post("/desk/me/sso"), 403, "six digits")
	w.want(w.post("/desk/me/sso", "code", b.code(b.kraSecond)), http.StatusSeeOther, "")
	w.want(w.get("/desk/me?done=sso-go"), 200, "Go on to the single sign-on")
	w.want(w.get(w.leaves("/desk/sso")), http.StatusSeeOther, "")
	w.want(w.get("/desk/me"), 200, "single sign-on")
	fresh := b.browser()
	fresh.want(fresh.get(fresh.leaves("/desk/sso")), http.StatusSeeOther, "")
	fresh.want(fresh.get("/desk/"), 401, "Kerubo Nyaboke")

	// Kamau's account there is not hers to link.
	p.subject = "kamau@kra"
	w.want(w.post("/desk/me/sso"), http.StatusSeeOther, "")
	w.want(w.get(w.leaves("/desk/sso")), 403, "another officer")
	// And a frozen officer's lets nobody in.
	_, err := b.desk.Freeze(ctx, b.admin.actor, b.kraAuthor.Officer.ID, b.clock())
	b.must(err)
	out := b.browser()
	out.want(out.get(out.leaves("/desk/sso")), 403, "frozen")
	if _, err := b.desk.ActorOf(ctx, subscriptions.Identity{Provider: "oidc", Subject: fmt.Sprint(p.URL, " kerubo@kra")}, console.Via); err != nil {
		t.Errorf("the linked account: %v", err)
	}
}
