package console_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"arifa/bot/console"
)

// device is a working authenticator: one key, made for one site, with a counter.
type device struct {
	t       testing.TB
	origin  string
	party   string
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	count   uint32
	unlocks bool // its owner unlocks it: user verification
}

func newDevice(t testing.TB, origin, party string) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{t: t, origin: origin, party: party, key: key, id: []byte(rand.Text()), unlocks: true}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// options are what the program asks of a device.
type options struct {
	PublicKey struct {
		Challenge string
		User      struct{ ID string }
	}
}

func asked(t testing.TB, a answer) options {
	var o options
	if err := json.Unmarshal([]byte(a.body), &o); err != nil || o.PublicKey.Challenge == "" {
		t.Fatalf("options: %d %s %v", a.StatusCode, a.body, err)
	}
	return o
}

func (d *device) client(kind, challenge string) []byte {
	b, _ := json.Marshal(map[string]any{"type": "webauthn." + kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return b
}

// data is the authenticator data of WebAuthn, section 6.1.
func (d *device) data(more []byte) []byte {
	sum := sha256.Sum256([]byte(d.party))
	flags := byte(0x01) // the user is present
	if d.unlocks {
		flags |= 0x04
	}
	if more != nil {
		flags |= 0x40
	}
	d.count++
	out := append(sum[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.count)
	return append(out, more...)
}

// makes registers the key: an attestation of format "none".
func (d *device) makes(o options) string {
	d.handle, _ = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	x, y := make([]byte, 32), make([]byte, 32)
	d.key.X.FillBytes(x)
	d.key.Y.FillBytes(y)
	cose := append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, x...)
	cose = append(append(cose, 0x22, 0x58, 32), y...)
	more := append(make([]byte, 16), byte(len(d.id)>>8), byte(len(d.id)))
	data := d.data(append(append(more, d.id...), cose...))
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	b, _ := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64(d.client("create", o.PublicKey.Challenge)), "attestationObject": b64(append(object, data...))}})
	return string(b)
}

// signs answers a challenge.
func (d *device) signs(o options) string {
	client, data := d.client("get", o.PublicKey.Challenge), d.data(nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		d.t.Fatal(err)
	}
	b, _ := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(d.handle)}})
	return string(b)
}

// linked is an officer inside, with a passkey of hers.
func linked(b *bundle, p person) (*browser, *device) {
	b.Helper()
	w := b.comes(p)
	d := newDevice(b.TB, w.base, "localhost")
	o := asked(b.TB, w.post("/desk/passkey", "for", "new"))
	b.pass(time.Minute)
	w.want(w.post("/desk/me/passkey", "name", "My phone", "credential", d.makes(o), "code", b.code(p)), http.StatusSeeOther, "")
	return w, d
}

func TestPasskey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := b.submitted()
	w, d := linked(b, b.kraSecond)
	w.want(w.get("/desk/me"), 200, "My phone")

	// It stands for the six digits before a deed of two …
	at := path("/notices/%d/approve", n.ID)
	answer := d.signs(asked(t, w.post("/desk/passkey", "for", "prove")))
	w.want(w.post(at, "hash", n.Hash, "passkey", answer), http.StatusSeeOther, "")
	w.want(w.post(at, "hash", n.Hash, "passkey", answer), 403, "answered already")
	// … and opens a locked visit, once.
	b.pass(console.IdleLock)
	w.want(w.get("/desk/"), 401, "Locked")
	answer = d.signs(asked(t, w.post("/desk/passkey", "for", "prove")))
	w.want(w.post("/desk/prove", "passkey", answer), http.StatusSeeOther, "")
	w.want(w.post("/desk/prove", "passkey", answer), 403, "answered already")

	// Alone it lets its officer in: the device, and what unlocks it.
	fresh := b.browser()
	answer = d.signs(asked(t, fresh.post("/desk/passkey", "for", "sign-in")))
	fresh.want(fresh.post("/desk/sign-in", "passkey", answer), http.StatusSeeOther, "")
	fresh.want(fresh.get("/desk/me"), 200, "Kerubo Nyaboke")
	if got := b.browser().post("/desk/sign-in", "passkey", answer); got.StatusCode != 403 {
		t.Errorf("the same answer in another browser: %d", got.StatusCode)
	}

	// Removed, it is nobody's.
	w.want(w.post("/desk/me/unlink", "provider", "passkey", "subject", b64(d.id)), http.StatusSeeOther, "")
	stranger := b.browser()
	stranger.want(stranger.post("/desk/sign-in", "passkey", d.signs(asked(t, stranger.post("/desk/passkey", "for", "sign-in")))), 403, "not accepted")
	if keys, err := b.store.Passkeys(ctx, b.kraSecond.Officer.ID); err != nil || len(keys) != 0 {
		t.Errorf("its public half is left: %v, %v", keys, err)
	}
}

// Everything about an answer that can be wrong is refused.
func TestPasskeyRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		sign func(b *bundle, w *browser, d *device) string
	}{
		{"another origin", func(b *bundle, w *browser, d *device) string {
			d.origin = "https://arifa.go.ke.elsewhere.example"
			return d.signs(asked(b.TB, w.post("/desk/passkey", "for", "prove")))
		}},
		{"made for another site", func(b *bundle, w *browser, d *device) string {
			d.party = "elsewhere.example"
			return d.signs(asked(b.TB, w.post("/desk/passkey", "for", "prove")))
		}},
		{"not unlocked by a person", func(b *bundle, w *browser, d *device) string {
			d.unlocks = false
			return d.signs(asked(b.TB, w.post("/desk/passkey", "for", "prove")))
		}},
		{"another key", func(b *bundle, w *browser, d *device) string {
			other := newDevice(b.TB, d.origin, d.party)
			other.id, other.handle = d.id, d.handle
			return other.signs(asked(b.TB, w.post("/desk/passkey", "for", "prove")))
		}},
		{"another challenge", func(b *bundle, w *browser, d *device) string {
			asked(b.TB, w.post("/desk/passkey", "for", "prove"))
			o := options{}
			o.PublicKey.Challenge = b64([]byte(strings.Repeat("x", 32)))
			return d.signs(o)
		}},
		{"the challenge of a sign-in", func(b *bundle, w *browser, d *device) string {
			return d.signs(asked(b.TB, b.browser().post("/desk/passkey", "for", "sign-in")))
		}},
		{"too late", func(b *bundle, w *browser, d *device) string {
			s := d.signs(asked(b.TB, w.post("/desk/passkey", "for", "prove")))
			b.pass(5 * time.Minute)
			return s
		}},
		{"a counter that went back: a copy", func(b *bundle, w *browser, d *device) string {
			d.count += 5
			w.post("/desk/prove", "passkey", d.signs(asked(b.TB, w.post("/desk/passkey", "for", "prove"))))
			d.count = 2
			return d.signs(asked(b.TB, w.post("/desk/passkey", "for", "prove")))
		}},
		{"another officer's", func(b *bundle, w *browser, d *device) string {
			_, other := linked(b, b.kplcAuthor)
			return other.signs(asked(b.TB, w.post("/desk/passkey", "for", "prove")))
		}},
		{"no answer at all", func(b *bundle, w *browser, d *device) string { return "{}" }},
		{"nonsense", func(b *bundle, w *browser, d *device) string {
			asked(b.TB, w.post("/desk/passkey", "for", "prove"))
			return `{"id":"x","rawId":"x","type":"public-key","response":{"clientDataJSON":"","authenticatorData":"AAAA","signature":"AA"}}`
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			n := b.submitted()
			w, d := linked(b, b.kraSecond)
			got := w.post(path("/notices/%d/approve", n.ID), "hash", n.Hash, "passkey", c.sign(b, w, d))
			w.want(got, 403, "")
			if n := b.last(); n.State != "submitted" {
				t.Errorf("it was approved: %s", n.State)
			}
		})
	}
}

func TestPasskeyIsMadeByItsOfficer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, d := linked(b, b.kraSecond)
	b.pass(time.Minute)
	other := newDevice(t, w.base, "localhost")
	o := asked(t, w.post("/desk/passkey", "for", "new"))
	w.want(w.post("/desk/me/passkey", "credential", other.makes(o), "code", "000000"), 403, "wrong")
	o = asked(t, w.post("/desk/passkey", "for", "new"))
	again := *d
	w.want(w.post("/desk/me/passkey", "credential", again.makes(o), "code", b.code(b.kraSecond)), 403, "registered already")
	if keys, _ := b.store.Passkeys(ctx, b.kraSecond.Officer.ID); len(keys) != 1 {
		t.Errorf("%d passkeys, want the first alone", len(keys))
	}
	stranger := b.browser()
	stranger.want(stranger.post("/desk/passkey", "for", "new"), 403, "")
	stranger.want(stranger.post("/desk/passkey", "for", "prove"), 403, "")
	half := b.browser()
	half.halfway(b.kplcAuthor)
	half.want(half.post("/desk/passkey", "for", "new"), 403, "")
}

// Frozen is frozen, with a passkey too.
func TestPasskeyOfTheFrozen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, d := linked(b, b.kraSecond)
	_, err := b.desk.Freeze(ctx, b.admin.actor, b.kraSecond.Officer.ID, b.clock())
	b.must(err)
	w := b.browser()
	w.want(w.post("/desk/sign-in", "passkey", d.signs(asked(t, w.post("/desk/passkey", "for", "sign-in")))), 403, "not accepted")
}

// An address that browsers trust with no keys offers none.
func TestPasskeyNeedsATrustedAddress(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{"http://localhost:8080": true, "https://arifa.go.ke": true, "http://arifa.go.ke": false, "https://192.0.2.7": false, "http://127.0.0.1:8080": false} {
		b := setup(t, func(c *console.Config) { c.URL = url })
		w := b.browser()
		if got := w.post("/desk/passkey", "for", "sign-in").StatusCode == 200; got != want {
			t.Errorf("%s: passkeys %v, want %v", url, got, want)
		}
		if got := strings.Contains(w.get("/desk/sign-in").body, "data-passkey"); got != want {
			t.Errorf("%s: the page offers them: %v", url, got)
		}
	}
}
