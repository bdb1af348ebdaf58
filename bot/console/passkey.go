package console

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"arifa/bot/desk"
	"arifa/bot/web"
	"arifa/subscriptions"
)

// passkeys checks what officers' devices answer. It needs an address that browsers
// trust with keys: https, or this very machine by its name.
type passkeys struct {
	party *webauthn.WebAuthn
	store subscriptions.Sessions
}

// ceremonyFor is how long one challenge may be answered.
const ceremonyFor = 5 * time.Minute

// newPasskeys returns nil where the address can have none.
func newPasskeys(u *url.URL, store subscriptions.Sessions) (*passkeys, error) {
	host := u.Hostname()
	if net.ParseIP(host) != nil || u.Scheme != "https" && host != "localhost" {
		return nil, nil
	}
	party, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Arifa, officers' desk", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, err
	}
	return &passkeys{party, store}, nil
}

// ceremony is one challenge and what it is for: an answer to one is no answer to
// another.
type ceremony struct {
	For  string // sign-in, prove, new
	At   time.Time
	Data webauthn.SessionData
}

// holder is an officer as the library asks for one.
type holder struct {
	officer subscriptions.Officer
	keys    []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return handleOf(h.officer.ID) }
func (h holder) WebAuthnName() string                       { return h.officer.Name }
func (h holder) WebAuthnDisplayName() string                { return h.officer.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func handleOf(id subscriptions.OfficerID) []byte {
	return []byte("officer-" + strconv.FormatInt(int64(id), 10))
}

func keyID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// holder reads an officer's passkeys: those that she has linked, and no others.
func (k *passkeys) holder(ctx context.Context, o subscriptions.Officer) (holder, error) {
	h := holder{officer: o}
	all, err := k.store.Passkeys(ctx, o.ID)
	if err != nil {
		return h, err
	}
	for _, p := range all {
		for _, i := range o.Identities {
			if i.Provider != subscriptions.ProviderPasskey || i.Subject != p.ID {
				continue
			}
			var c webauthn.Credential
			if err := json.Unmarshal(p.Doc, &c); err != nil {
				return h, err
			}
			h.keys = append(h.keys, c)
		}
	}
	return h, nil
}

// challenge begins a ceremony for the script of the page: it is kept in the visit,
// and good for one answer.
func challenge(a *ask) error {
	if a.c.keys == nil {
		return web.NotFound()
	}
	if wait := a.c.guesses.Take(a.c.web.Client(a.r), a.now); wait > 0 {
		return web.TooMany(wait)
	}
	if err := a.read(); err != nil {
		return err
	}
	at := a.visit.standing(a.c.Idle, a.now)
	cer := ceremony{For: a.Val("for"), At: a.now}
	party := a.c.keys.party
	var options any
	var data *webauthn.SessionData
	var err error
	switch {
	case cer.For == "sign-in" && at == nobody:
		options, data, err = party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	case cer.For == "prove" && at != nobody && a.hasKeys():
		var h holder
		if h, err = a.c.keys.holder(a.ctx, a.me()); err == nil {
			options, data, err = party.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationRequired))
		}
	case cer.For == "new" && at == inside && a.me().Enrolled():
		var h holder
		if h, err = a.c.keys.holder(a.ctx, a.me()); err == nil {
			options, data, err = party.BeginRegistration(h, webauthn.WithExclusions(descriptors(h.keys)))
		}
	default:
		return web.Refuse(http.StatusForbidden, "No passkey can be used here now.")
	}
	if err != nil {
		return err
	}
	cer.Data = *data
	if a.visit.Ceremony, err = json.Marshal(cer); err != nil {
		return err
	}
	if err := a.c.save(a.ctx, a.visit); err != nil {
		return err
	}
	return web.JSON(a.w, http.StatusOK, options)
}

func descriptors(keys []webauthn.Credential) []protocol.CredentialDescriptor {
	var out []protocol.CredentialDescriptor
	for _, k := range keys {
		out = append(out, k.Descriptor())
	}
	return out
}

// take ends the ceremony of the visit and returns it where it is for this.
func (a *ask) take(what string) (ceremony, error) {
	var cer ceremony
	doc := a.visit.Ceremony
	a.visit.Ceremony = nil
	if a.c.keys == nil || doc == nil || json.Unmarshal(doc, &cer) != nil || cer.For != what || a.now.Sub(cer.At) >= ceremonyFor || cer.At.After(a.now) {
		return cer, &desk.Refusal{Rule: 4, Why: "the passkey was asked too long ago, or has answered already", Do: "try it once more, or use your six digits"}
	}
	return cer, nil
}

var errPasskey = &desk.Refusal{Rule: 4, Why: "the passkey was not accepted", Do: "try it once more, or use your six digits"}

// answered checks a passkey's answer by the officer who is signed in, and returns
// its id.
func (a *ask) answered(answer string) (string, error) {
	cer, err := a.take("prove")
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(strings.NewReader(answer))
	if err != nil {
		return "", errPasskey
	}
	h, err := a.c.keys.holder(a.ctx, a.me())
	if err != nil {
		return "", err
	}
	c, err := a.c.keys.party.ValidateLogin(h, cer.Data, parsed)
	if err != nil {
		return "", errPasskey
	}
	return a.c.keys.used(a.ctx, c, a.now)
}

// signInByPasskey lets in whoever holds a passkey and unlocked it.
func (a *ask) signInByPasskey() error {
	cer, err := a.take("sign-in")
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(strings.NewReader(a.Val("passkey")))
	if err != nil {
		return errPasskey
	}
	var broken error
	_, c, err := a.c.keys.party.ValidatePasskeyLogin(func(raw, _ []byte) (webauthn.User, error) {
		actor, err := a.c.Desk.ActorOf(a.ctx, subscriptions.Identity{Provider: subscriptions.ProviderPasskey, Subject: keyID(raw)}, Via)
		if err == nil {
			a.actor = actor
			return a.c.keys.holder(a.ctx, actor.Officer)
		}
		if refused(err) == nil {
			broken = err
		}
		return nil, err
	}, cer.Data, parsed)
	if broken != nil { // the store could not be asked: that is no "no"
		return broken
	}
	if err != nil {
		return errPasskey
	}
	id, err := a.c.keys.used(a.ctx, c, a.now)
	if err != nil {
		return err
	}
	if err := a.c.begin(a.ctx, a.visit, a.me().ID, "passkey", a.now); err != nil {
		return err
	}
	if err := a.c.Desk.Prove(a.ctx, a.actor, desk.Proof{Passkey: id}, a.now); err != nil {
		return err
	}
	return a.proved()
}

// used keeps the counter of a passkey: one that was copied is noticed by it.
func (k *passkeys) used(ctx context.Context, c *webauthn.Credential, now time.Time) (string, error) {
	id := keyID(c.ID)
	if c.Authenticator.CloneWarning {
		return "", &desk.Refusal{Rule: 4, Why: "this passkey may have been copied: its counter went back", Do: "remove it from your account, and use your six digits"}
	}
	p, err := k.store.Passkey(ctx, id)
	if errors.Is(err, subscriptions.ErrNotFound) {
		return "", errPasskey
	}
	if err != nil {
		return "", err
	}
	if p.Doc, err = json.Marshal(c); err != nil {
		return "", err
	}
	p.UsedAt = now
	if _, err := k.store.PutPasskey(ctx, p); errors.Is(err, subscriptions.ErrConflict) {
		return "", errPasskey
	} else if err != nil {
		return "", err
	}
	return id, nil
}

// doLinkPasskey ties a new passkey to the officer, against her six digits.
func doLinkPasskey(a *ask) (string, error) {
	cer, err := a.take("new")
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(strings.NewReader(a.Val("credential")))
	if err != nil {
		return "", errPasskey
	}
	h, err := a.c.keys.holder(a.ctx, a.me())
	if err != nil {
		return "", err
	}
	c, err := a.c.keys.party.CreateCredential(h, cer.Data, parsed)
	if err != nil {
		return "", errPasskey
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	name := []rune(strings.Join(strings.Fields(a.Val("name")), " "))
	if len(name) == 0 {
		name = []rune("Passkey")
	}
	// Its public half first: it opens nothing before the desk has linked it.
	id := keyID(c.ID)
	p := subscriptions.Passkey{ID: id, Officer: a.me().ID, Name: string(name[:min(len(name), 40)]), Doc: doc, CreatedAt: a.now}
	if _, err := a.c.Sessions.PutPasskey(a.ctx, p); errors.Is(err, subscriptions.ErrExists) {
		return "", &desk.Refusal{Rule: 4, Why: "this passkey is registered already", Do: "use it, or make another"}
	} else if err != nil {
		return "", err
	}
	if _, err := a.c.Desk.LinkPasskey(a.ctx, a.actor, id, a.Val("code"), a.now); err != nil {
		return "", errors.Join(err, a.c.Sessions.DropPasskey(context.WithoutCancel(a.ctx), id))
	}
	return Base + "/me?done=passkey", nil
}
