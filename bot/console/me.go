package console

import (
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"

	"rsc.io/qr"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// meView is what an officer has: roles, accounts, passkeys, key and digits.
type meView struct {
	Officer  subscriptions.Officer
	Passkeys []subscriptions.Passkey
	Accounts []subscriptions.Identity // linked chats and single sign-on
	SSO      bool
	CanKeys  bool // passkeys can be made here
	Code     string
}

func showMe(a *ask) error {
	v := meView{Officer: a.me(), SSO: a.c.sso != nil, CanKeys: a.c.keys != nil && a.me().Enrolled()}
	keys, err := a.c.Sessions.Passkeys(a.ctx, a.me().ID)
	if err != nil {
		return err
	}
	for _, i := range a.me().Identities {
		switch i.Provider {
		case desk.ProviderKey:
		case subscriptions.ProviderPasskey:
			for _, k := range keys {
				if k.ID == i.Subject {
					v.Passkeys = append(v.Passkeys, k)
				}
			}
		default:
			v.Accounts = append(v.Accounts, i)
		}
	}
	return a.render(a.status(), "me", a.me().Name, v)
}

// Provider names the network of an account.
func (a *ask) Provider(i subscriptions.Identity) string { return provider(i) }

// onceView is what is shown once: a key, a secret, a code.
type onceView struct {
	What    string
	Key     string
	Secret  string
	URL     template.URL // otpauth:
	QR      template.URL // a picture of it
	Link    string       // a code for a chat
	Waiting subscriptions.ChangeID
	Self    bool // it is the officer's own
	Handed  bool // the officer must replace both before anything for two
}

// errShown ends a deed whose answer has been written: what is shown once must not
// stand in an address.
type errShown struct{ view onceView }

func (errShown) Error() string { return "shown once" }

// showOnce writes it. A phone takes the secret by its link, another one by the
// picture.
func (a *ask) showOnce(v onceView) error {
	if v.URL != "" {
		picture, err := qr.Encode(string(v.URL), qr.M)
		if err != nil {
			return err
		}
		v.QR = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(picture.PNG()))
	}
	return a.render(http.StatusOK, "once", v.What, v)
}

func (a *ask) shown(what string, made desk.NewOfficer) (string, error) {
	return "", errShown{onceView{What: what, Key: made.Key, Secret: made.Secret, URL: template.URL(made.URL), Waiting: made.Waiting,
		Self: made.Officer.ID == a.me().ID, Handed: !made.Officer.Enrolled()}}
}

func doUnlink(a *ask) (string, error) {
	i := subscriptions.Identity{Provider: a.Val("provider"), Subject: a.Val("subject")}
	if _, err := a.c.Desk.Unlink(a.ctx, a.actor, i, a.now); err != nil {
		return "", err
	}
	if i.Provider == subscriptions.ProviderPasskey { // it opens nothing any more; its public half goes too
		if err := a.c.Sessions.DropPasskey(a.ctx, i.Subject); err != nil {
			return "", err
		}
	}
	return Base + "/me?done=unlinked", nil
}

func doLinkCode(a *ask) (string, error) {
	code, err := a.c.Desk.StartLink(a.ctx, a.actor, a.me().ID, a.now)
	if err != nil {
		return "", err
	}
	return "", errShown{onceView{What: "Link a chat", Link: code, Self: true}}
}

// doSecrets replaces an officer's key, her digits, or both. The present digits are
// asked for; an officer of a try-out gets her first ones.
func doSecrets(a *ask) (string, error) {
	var made desk.NewOfficer
	var err error
	what := "Yours alone now"
	switch which := a.Val("which"); {
	case a.me().Tryout:
		made, err = a.c.Desk.Settle(a.ctx, a.actor, strings.TrimSpace(a.Val("name")), a.now)
	case which == "key":
		if err = a.c.Desk.Prove(a.ctx, a.actor, desk.Proof{Code: a.Val("code")}, a.now); err == nil {
			made.Officer = a.me()
			made.Key, err = a.c.Desk.NewKey(a.ctx, a.actor, a.now)
		}
		what = "Your new key"
	case which == "digits":
		made.Officer = a.me()
		made.Secret, made.URL, err = a.c.Desk.NewDigits(a.ctx, a.actor, a.Val("code"), a.now)
		what = "Your new six digits"
	default:
		made, err = a.c.Desk.Enrol(a.ctx, a.actor, a.Val("code"), a.now)
	}
	if err != nil {
		return "", err
	}
	// Every visit has ended with the old ones, this one alone begins anew.
	k := a.visit.Kept
	if err := a.c.begin(a.ctx, a.visit, a.me().ID, a.visit.Came, a.now); err != nil {
		return "", err
	}
	a.visit.Kept = k
	if err := a.proved(); err != nil {
		return "", err
	}
	return a.shown(what, made)
}

func doSignOutEverywhere(a *ask) (string, error) {
	if err := a.c.Desk.EndVisits(a.ctx, a.actor, a.now); err != nil {
		return "", err
	}
	return signOut(a)
}
