package console

import (
	"net/http"
	"strconv"

	"arifa/bot/web"
	"arifa/subscriptions"
)

// wait answers who may not come in yet with the page that lets her in, at the
// address that she asked for. A form that came is kept for her.
func (a *ask) wait(at standing, ended string) error {
	if a.route.raw != nil {
		return web.Refuse(http.StatusUnauthorized, "Sign in first.")
	}
	to := a.r.URL.Path
	if a.r.Method == http.MethodPost {
		if err := a.keep(); err != nil {
			return err
		}
	} else if q := a.r.URL.RawQuery; q != "" {
		to += "?" + q
	}
	if err := a.c.save(a.ctx, a.visit); err != nil {
		return err
	}
	if at == nobody {
		return a.signInPage(http.StatusUnauthorized, safePath(to), ended)
	}
	return a.provePage(http.StatusUnauthorized, safePath(to))
}

// keep puts a form aside. Somebody unknown could fill a database with forms, so they
// are small, and few from one place: who sends more has to sign in first.
func (a *ask) keep() error {
	if a.visit.Officer == 0 && a.c.comers.Take(a.c.web.Client(a.r), a.now) > 0 {
		return nil
	}
	if err := a.read(); err != nil {
		return err
	}
	k := &kept{Path: a.r.URL.Path, Values: a.values, Officer: a.visit.Officer, At: a.now}
	if k.Officer == 0 {
		k.Officer = a.formOfficer()
	}
	for _, secret := range []string{"code", "passkey", "credential", "officer"} {
		k.Values.Del(secret)
	}
	if len(k.Values.Encode()) > mostKept {
		return web.Refuse(http.StatusRequestEntityTooLarge, "Your visit has ended, and this form is too long to be kept. Copy what you typed before you sign in.")
	}
	a.visit.Kept = k
	return nil
}

const mostKept = 16 << 10

// bringBack fills a form with what was typed before the visit ended. It is not
// sent: the officer looks at it first.
func (a *ask) bringBack() {
	k := a.visit.Kept
	if k == nil || a.route.do == nil || k.Path != a.r.URL.Path {
		return
	}
	a.visit.Kept = nil
	if k.Officer != a.visit.Officer || a.now.Sub(k.At) > keptFor {
		return
	}
	a.values, a.back = k.Values, true
}

// Back reports whether the form was typed before the visit ended.
func (a *ask) Back() bool { return a.back }

// formOfficer is whose form it says it is: a visit that is gone cannot tell. Who
// signs in is compared with it, so it lets nobody see anything.
func (a *ask) formOfficer() subscriptions.OfficerID {
	id, _ := strconv.ParseInt(a.Val("officer"), 10, 64)
	return subscriptions.OfficerID(id)
}
