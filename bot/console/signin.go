package console

import (
	"arifa/bot/desk"
	"arifa/bot/web"
)

// signInView is the page of who is not signed in.
type signInView struct {
	To    string
	Ended string // why there is no visit any more
	Kept  bool   // what was typed waits
	Keys  bool   // passkeys can be used here
	SSO   bool
	Link  string // a one-time code that came with the address
}

func (a *ask) signInPage(status int, to, ended string) error {
	return a.render(status, "signin", "Sign in", signInView{
		To: to, Ended: ended, Kept: a.visit.Kept != nil, Keys: a.c.keys != nil, SSO: a.c.sso != nil, Link: a.r.PathValue("code"),
	})
}

func showSignIn(a *ask) error {
	if a.visit.standing(a.c.Idle, a.now) == inside && a.r.PathValue("code") == "" && a.problem == nil {
		return a.redirect(safePath(a.Val("to")))
	}
	return a.signInPage(a.status(), safePath(a.Val("to")), "")
}

// doSignIn takes a one-time code, or a passkey that says by itself whose it is: a
// device and what its owner unlocks it with are both steps at once. The code of an
// address is taken by a tap only: what looks at links for people does not use them
// up.
func doSignIn(a *ask) (string, error) {
	if wait := a.c.guesses.Take(a.c.web.Client(a.r), a.now); wait > 0 {
		return "", web.TooMany(wait)
	}
	to := safePath(a.Val("to"))
	if a.Val("passkey") != "" {
		return to, a.signInByPasskey()
	}
	code := a.r.PathValue("code")
	if code == "" {
		code = a.Val("link")
	}
	actor, err := a.c.Desk.SignIn(a.ctx, code, Via, a.now)
	if err != nil {
		return "", err
	}
	if err := a.c.begin(a.ctx, a.visit, actor.Officer.ID, "link", a.now); err != nil {
		return "", err
	}
	a.actor = actor
	return a.secondStep(to)
}

// secondStep asks for the six digits, except of an officer of a try-out, whose
// digits wait.
func (a *ask) secondStep(to string) (string, error) {
	if k := a.visit.Kept; k != nil {
		to = k.Path
	}
	if !a.me().Tryout {
		return Base + "/prove?to=" + query(to), nil
	}
	if err := a.c.Desk.Prove(a.ctx, a.actor, desk.Proof{}, a.now); err != nil {
		return "", err
	}
	return to, a.proved()
}

// signOut ends the visit, and its token with it.
func signOut(a *ask) (string, error) {
	*a.visit = visit{}
	return Base + "/sign-in", a.c.sessions.Destroy(a.ctx)
}

// proveView is the page of the second step, and of a visit that was left alone.
type proveView struct {
	To     string
	Locked bool
	Kept   bool
	Keys   bool
}

func (a *ask) provePage(status int, to string) error {
	return a.render(status, "prove", "Six digits", proveView{
		To: to, Locked: !a.visit.Proved.IsZero(), Kept: a.visit.Kept != nil, Keys: a.hasKeys(),
	})
}

func showProve(a *ask) error { return a.provePage(a.status(), safePath(a.Val("to"))) }

func doProve(a *ask) (string, error) {
	if wait := a.c.guesses.Take(a.c.web.Client(a.r), a.now); wait > 0 {
		return "", web.TooMany(wait)
	}
	to := safePath(a.Val("to"))
	if k := a.visit.Kept; k != nil {
		to = k.Path
	}
	return to, a.proveNow()
}

// prove asks for the six digits, or a passkey, where the last are not fresh.
func (a *ask) prove() error {
	if a.visit.fresh(a.now) {
		return nil
	}
	if a.Val("code") == "" && a.Val("passkey") == "" && !a.me().Tryout {
		return &desk.Refusal{Rule: 4, Why: "this needs two officers, and your six digits again", Do: "enter them below and send it once more"}
	}
	return a.proveNow()
}

func (a *ask) proveNow() error {
	p, err := a.proof()
	if err == nil {
		err = a.c.Desk.Prove(a.ctx, a.actor, p, a.now)
	}
	if err != nil {
		return err
	}
	return a.proved()
}

// proof is what came with a form: six digits, or a passkey's answer.
func (a *ask) proof() (desk.Proof, error) {
	if answer := a.Val("passkey"); answer != "" {
		id, err := a.answered(answer)
		return desk.Proof{Passkey: id}, err
	}
	return desk.Proof{Code: a.Val("code")}, nil
}

// Fresh reports whether a form of two officers needs no digits now.
func (a *ask) Fresh() bool { return a.visit.fresh(a.now) || a.me().Tryout }

// Digits reports whether six digits are asked of this officer at all.
func (a *ask) Digits() bool { return !a.me().Tryout }

// Keys reports whether the officer can answer with a passkey here.
func (a *ask) Keys() bool { return a.hasKeys() }

func (a *ask) hasKeys() bool {
	if a.c.keys == nil {
		return false
	}
	for _, i := range a.me().Identities {
		if i.Provider == "passkey" {
			return true
		}
	}
	return false
}
