package demo

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238: what authenticators compute
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// office is the officers of the agencies that act: for each an author and an
// approver, two people with keys and six digits of their own.
type office struct {
	desk     *desk.Desk
	admin    desk.Actor
	author   map[subscriptions.AgencyID]desk.Actor
	approver map[subscriptions.AgencyID]desk.Actor
	secrets  map[subscriptions.OfficerID]string
	used     map[subscriptions.OfficerID]int64 // time step of the last digits
	// Chats of the duty officers and of the heads, who are the approvers.
	phone, headPhone map[subscriptions.AgencyID]int64
	// first writes and submits, second approves, in another place than the command line;
	// false = not this one.
	first  func(ctx context.Context, in desk.DraftInput) (subscriptions.Notice, bool, error)
	second func(ctx context.Context, by subscriptions.AgencyID, n subscriptions.Notice) (desk.Outcome, bool, error)
}

// hire adds the officers of an incident through the desk, as an admin does.
func hire(ctx context.Context, d *desk.Desk, n *subscriptions.Nation, i Incident, now time.Time) (*office, error) {
	o := &office{desk: d, author: map[subscriptions.AgencyID]desk.Actor{}, approver: map[subscriptions.AgencyID]desk.Actor{},
		secrets: map[subscriptions.OfficerID]string{}, used: map[subscriptions.OfficerID]int64{},
		phone: map[subscriptions.AgencyID]int64{}, headPhone: map[subscriptions.AgencyID]int64{}}
	var err error
	if o.admin, err = o.add(ctx, "Admin of the demo", now, subscriptions.Grant{Role: subscriptions.Admin}); err != nil {
		return nil, err
	}
	var agencies []subscriptions.AgencyID
	for _, s := range i.Replay {
		if s.By != "" && !slices.Contains(agencies, s.By) {
			agencies = append(agencies, s.By)
		}
	}
	for _, id := range agencies {
		a, _ := n.Agency(id)
		if o.author[id], err = o.add(ctx, a.Short+" duty officer", now, subscriptions.Grant{Role: subscriptions.Author, Agency: id}); err != nil {
			return nil, err
		}
		if o.approver[id], err = o.add(ctx, a.Short+" head of communications", now, subscriptions.Grant{Role: subscriptions.Approver, Agency: id},
			subscriptions.Grant{Role: subscriptions.Author, Agency: id}); err != nil {
			return nil, err
		}
		if err := o.onDuty(ctx, id, now); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// add makes an officer and signs in with the key that was shown once.
func (o *office) add(ctx context.Context, name string, now time.Time, roles ...subscriptions.Grant) (desk.Actor, error) {
	made, err := o.desk.AddOfficer(ctx, o.admin, desk.AddOfficer{Name: name, Roles: roles}, now)
	if err != nil {
		return desk.Actor{}, fmt.Errorf("add officer: %w", err)
	}
	who, err := o.desk.Authenticate(ctx, made.Key, "demo")
	if err != nil || o.admin.Officer.ID == 0 { // the first officer made her own
		o.secrets[made.Officer.ID] = made.Secret
		return who, err
	}
	return o.enrol(ctx, made, who, now)
}

// onDuty puts the author on duty at all hours, and names the approver as the head.
func (o *office) onDuty(ctx context.Context, id subscriptions.AgencyID, now time.Time) error {
	turn := subscriptions.Duty{Agency: id, To: 24 * 60}
	for d := time.Sunday; d <= time.Saturday; d++ {
		turn.Days = append(turn.Days, d)
	}
	if _, err := o.desk.SetDuty(ctx, o.admin, o.author[id].Officer.ID, []subscriptions.Duty{turn}, now); err != nil {
		return fmt.Errorf("duty: %w", err)
	}
	if _, err := o.desk.SetHead(ctx, o.admin, o.approver[id].Officer.ID, id, true, now); err != nil {
		return fmt.Errorf("head: %w", err)
	}
	return nil
}

// enrol replaces what the admin has seen.
func (o *office) enrol(ctx context.Context, made desk.NewOfficer, who desk.Actor, now time.Time) (desk.Actor, error) {
	code, err := totp(made.Secret, now.Unix()/30)
	if err != nil {
		return who, err
	}
	own, err := o.desk.Enrol(ctx, who, code, now)
	if err != nil {
		return who, fmt.Errorf("enrol: %w", err)
	}
	o.secrets[made.Officer.ID], o.used[made.Officer.ID] = own.Secret, now.Unix()/30
	return o.desk.Authenticate(ctx, own.Key, "demo")
}

// digits are an officer's six digits for a time. Each is used once, so a second
// approval within half a minute takes those of the next step, as a person who
// waits for them would.
func (o *office) digits(who desk.Actor, now time.Time) (string, time.Time, error) {
	step := now.Unix() / 30
	if last := o.used[who.Officer.ID]; step <= last {
		step = last + 1
		now = time.Unix(step*30, 0)
	}
	o.used[who.Officer.ID] = step
	code, err := totp(o.secrets[who.Officer.ID], step)
	return code, now, err
}

// totp is RFC 6238 with SHA-1, 30 seconds and six digits.
func totp(secret string, step int64) (string, error) {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return "", fmt.Errorf("six digits: %w", err)
	}
	mac := hmac.New(sha1.New, key)
	_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step))) // a hash never fails
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000), nil
}

// speak brings a draft to the public by the way that rule 4 asks: alone, or
// submitted by one person and approved by another.
func (o *office) speak(ctx context.Context, by subscriptions.AgencyID, in desk.DraftInput, now time.Time) (desk.Outcome, *desk.Preview, error) {
	author := o.author[by]
	in.Agency = by
	if o.first != nil {
		if n, done, err := o.first(ctx, in); done || err != nil {
			return o.seconded(ctx, by, n, now, err)
		}
	}
	n, err := o.desk.Draft(ctx, author, in, now)
	if err != nil {
		return desk.Outcome{}, nil, fmt.Errorf("draft: %w", err)
	}
	p, err := o.desk.Preview(ctx, author, n.ID, now)
	if err != nil {
		return desk.Outcome{}, nil, fmt.Errorf("preview: %w", err)
	}
	if len(p.TwoOfficers) == 0 {
		out, err := o.twice(ctx, author, desk.PublishInput{Notice: n.ID, Request: fmt.Sprintf("demo-%d", n.ID)}, now)
		return out, &p, err
	}
	if n, err = o.desk.Submit(ctx, author, n.ID, desk.SubmitInput{}, now); err != nil {
		return desk.Outcome{}, &p, fmt.Errorf("submit: %w", err)
	}
	out, err := o.approve(ctx, by, n, now)
	return out, &p, err
}

// seconded brings what was submitted elsewhere to the public.
func (o *office) seconded(ctx context.Context, by subscriptions.AgencyID, n subscriptions.Notice, now time.Time, err error) (desk.Outcome, *desk.Preview, error) {
	if err != nil {
		return desk.Outcome{}, nil, err
	}
	p, err := o.desk.Preview(ctx, o.author[by], n.ID, now)
	if err != nil {
		return desk.Outcome{}, nil, fmt.Errorf("preview: %w", err)
	}
	out, err := o.approve(ctx, by, n, now)
	return out, &p, err
}

// twice presses twice, as a nervous officer on a bad line does: it must make one
// notice.
func (o *office) twice(ctx context.Context, author desk.Actor, in desk.PublishInput, now time.Time) (desk.Outcome, error) {
	first, err := o.desk.Publish(ctx, author, in, now)
	if err != nil {
		return first, err
	}
	again, err := o.desk.Publish(ctx, author, in, now)
	if err == nil && (!again.Repeated || again.Notice.Key != first.Notice.Key) {
		err = fmt.Errorf("pressed twice: %s and %s were published", first.Notice.Key, again.Notice.Key)
	}
	return first, err
}

// approve is the second person's word, with six digits.
func (o *office) approve(ctx context.Context, by subscriptions.AgencyID, n subscriptions.Notice, now time.Time) (desk.Outcome, error) {
	if o.second != nil {
		if out, done, err := o.second(ctx, by, n); done || err != nil {
			return out, err
		}
	}
	code, at, err := o.digits(o.approver[by], now)
	if err != nil {
		return desk.Outcome{}, err
	}
	out, err := o.desk.Approve(ctx, o.approver[by], desk.ApproveInput{Notice: n.ID, Hash: n.Hash, Code: code}, at)
	if err != nil {
		return out, fmt.Errorf("approve: %w", err)
	}
	return out, nil
}
