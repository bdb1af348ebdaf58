package desk

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"arifa/subscriptions"
)

const (
	codePeriod  = 30 * time.Second
	codeWrong   = 5                // so many wrong ones …
	codeWindow  = 15 * time.Minute // … within one of these lock the officer's digits
	codeIssuer  = "Arifa"
	secretBytes = 20 // RFC 4226, section 4, R6: 160 bits are recommended
)

// verifyCode checks an officer's six digits: the present step or a neighbour,
// each once. Five wrong ones lock them for the rest of the quarter of an hour,
// whatever the process and however many ask at once: a place is taken in the
// store before the digits are compared, and only right ones give it back.
func (d *Desk) verifyCode(ctx context.Context, o subscriptions.Officer, code string, now time.Time) error {
	if o.TOTP == "" {
		return no(4, "ask an admin for a new secret", "%s has no six digits set up", o.Name)
	}
	w := tries{d.Store, o.ID, now.Truncate(codeWindow)}
	mine, err := w.take(ctx)
	if err != nil {
		return err
	}
	if !mine {
		return no(4, "wait 15 minutes, and tell an admin if it was not you", "too many wrong digits for %s", o.Name)
	}
	step, ok, err := matchCode(o.TOTP, code, now)
	if err != nil {
		return err
	}
	if !ok {
		return no(4, "read the digits again; check the phone's clock", "the six digits are wrong")
	}
	if err := w.giveBack(ctx); err != nil {
		return err
	}
	err = d.Store.UseCode(ctx, o.ID, step)
	if errors.Is(err, subscriptions.ErrConflict) {
		return no(4, "wait for the next six digits", "these six digits were used already")
	}
	return err
}

// matchCode compares with the steps before, at and after now, all of them, in
// constant time.
func matchCode(secret, code string, now time.Time) (step int64, ok bool, err error) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	present := now.Unix() / int64(codePeriod/time.Second)
	for s := present - 1; s <= present+1; s++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(s*int64(codePeriod/time.Second), 0), totp.ValidateOpts{
			Period: uint(codePeriod / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
		})
		if err != nil {
			return 0, false, fmt.Errorf("six digits: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok, nil
}

// tries counts the comparisons of one officer's digits in one window: numbered
// places in the table of ticks, of which each is taken once.
type tries struct {
	ticks   subscriptions.Ticks
	officer subscriptions.OfficerID
	window  time.Time // its beginning
}

// take takes the next place; false = none is left. There are as many as wrong ones
// are allowed, and one more for each that was right.
func (t tries) take(ctx context.Context) (bool, error) {
	right, err := t.first(ctx, "right-code", 0)
	if err != nil {
		return false, err
	}
	for {
		k, err := t.first(ctx, "code", right)
		if err != nil || k >= right+codeWrong {
			return false, err
		}
		// Who loses the race for a place looks for the next one.
		if mine, err := t.ticks.Claim(ctx, t.place("code", k), t.window); mine || err != nil {
			return mine, err
		}
	}
}

// giveBack makes up for the place that right digits have taken.
func (t tries) giveBack(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	for {
		k, err := t.first(ctx, "right-code", 0)
		if err != nil {
			return err
		}
		if mine, err := t.ticks.Claim(ctx, t.place("right-code", k), t.window); mine || err != nil {
			return err
		}
	}
}

// first finds the first place from k that nobody has taken in this window.
func (t tries) first(ctx context.Context, kind string, k int) (int, error) {
	for ; ; k++ {
		last, err := t.ticks.LastTick(ctx, t.place(kind, k))
		if err != nil || last.Before(t.window) {
			return k, err
		}
	}
}

func (t tries) place(kind string, k int) string {
	return fmt.Sprintf("%s/%d/%d", kind, t.officer, k)
}

// secretURL is what an authenticator app reads.
func secretURL(secret, name string) string {
	return fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s", codeIssuer, urlEscape(name), secret, codeIssuer)
}
