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
	codeWindow  = 15 * time.Minute // … within this time lock the officer's digits
	codeIssuer  = "Arifa"
	secretBytes = 20 // RFC 4226, section 4, R6: 160 bits are recommended
)

// verifyCode checks an officer's six digits: the present step or a neighbour,
// each once. Five wrong ones lock them for a quarter of an hour, whatever the
// process: the count is kept in the store.
func (d *Desk) verifyCode(ctx context.Context, o subscriptions.Officer, code string, now time.Time) error {
	if o.TOTP == "" {
		return no(4, "ask an admin for a new secret", "%s has no six digits set up", o.Name)
	}
	free, err := d.freeTries(ctx, o.ID, now)
	if err != nil {
		return err
	}
	if len(free) == 0 {
		return no(4, "wait 15 minutes, and tell an admin if it was not you", "too many wrong digits for %s", o.Name)
	}
	step, ok, err := matchCode(o.TOTP, code, now)
	if err != nil {
		return err
	}
	if !ok {
		if err := d.countWrong(ctx, free, now); err != nil {
			return err
		}
		return no(4, "read the digits again; check the phone's clock", "the six digits are wrong")
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

// freeTries lists the tries that are left. Each wrong one takes a numbered place
// in the table of ticks for the length of the window.
func (d *Desk) freeTries(ctx context.Context, id subscriptions.OfficerID, now time.Time) ([]string, error) {
	var free []string
	for i := range codeWrong {
		job := fmt.Sprintf("wrong-code/%d/%d", id, i)
		last, err := d.Store.LastTick(ctx, job)
		if err != nil {
			return nil, err
		}
		if last.IsZero() || now.Sub(last) >= codeWindow {
			free = append(free, job)
		}
	}
	return free, nil
}

func (d *Desk) countWrong(ctx context.Context, free []string, now time.Time) error {
	for _, job := range free {
		if mine, err := d.Store.Claim(context.WithoutCancel(ctx), job, now); mine || err != nil {
			return err
		}
	}
	return nil
}

// secretURL is what an authenticator app reads.
func secretURL(secret, name string) string {
	return fmt.Sprintf("otpauth://totp/%s:%s?secret=%s&issuer=%s", codeIssuer, urlEscape(name), secret, codeIssuer)
}
