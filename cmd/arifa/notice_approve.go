package main

import (
	"fmt"
	"io"
	"strings"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// minPrefix is how much of a hash an approver must type at least.
const minPrefix = 8

// showHash prints what the approver of a submitted notice types.
func (o *office) showHash(w io.Writer, n subscriptions.Notice) {
	if n.State != subscriptions.Submitted || len(n.Hash) < minPrefix {
		return
	}
	o.showEnrol(w)
	fmt.Fprintf(w, "\nHash of these words: %s\n", n.Hash[:minPrefix])
	fmt.Fprintf(w, "If they are right, approve them:  arifa notice approve %s --hash %s\n", key(n), n.Hash[:minPrefix])
}

// showEnrol says to an officer who is still known by what she was handed that she
// is no second officer yet, nor has one.
func (o *office) showEnrol(w io.Writer) {
	if o.actor.Officer.ID != 0 && !o.actor.Officer.Enrolled() {
		fmt.Fprintln(w, "Before that you replace the key and the digits that you were handed, which whoever added you has seen:  arifa officer enrol --code ……")
	}
}

// wholeHash is the hash whose beginning the approver typed; what does not begin
// it is left as it is, for the desk to refuse.
func wholeHash(typed string, n subscriptions.Notice) (string, error) {
	typed = strings.ToLower(strings.TrimSpace(typed))
	if len(typed) < minPrefix {
		return "", usagef("--hash %s: type at least %d characters of the hash that \"arifa notice show %s\" prints below the words", typed, minPrefix, key(n))
	}
	if strings.HasPrefix(n.Hash, typed) {
		return n.Hash, nil
	}
	return typed, nil
}

type noticeApproveCmd struct {
	Notice  string `arg:"" help:"Number of the notice, such as 2025-0103-1."`
	Hash    string `required:"" placeholder:"HASH" help:"As \"arifa notice show\" prints it below the words, at least 8 characters of it: proves which words you approve."`
	Code    string `placeholder:"DIGITS" help:"Your six digits (asked for when left out)."`
	Request string `placeholder:"KEY" help:"Idempotency key."`
}

func (c *noticeApproveCmd) Run(a *app) error {
	return a.acting(func(o *office) error {
		n, err := a.find(o, c.Notice)
		if err != nil {
			return err
		}
		hash, err := wholeHash(c.Hash, n)
		if err != nil {
			return err
		}
		code, err := a.sixDigits(c.Code)
		if err != nil {
			return err
		}
		out, err := o.desk.Approve(a.ctx, o.actor, desk.ApproveInput{Notice: n.ID, Hash: hash, Code: code, Request: c.Request}, o.now)
		if err != nil {
			return err
		}
		return a.published(o, out)
	})
}

func (a *app) sixDigits(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	fmt.Fprint(a.Err, "Six digits: ")
	var code string
	if _, err := fmt.Fscanln(a.In, &code); err != nil {
		return "", usagef("--code: give the six digits of your authenticator")
	}
	return code, nil
}
