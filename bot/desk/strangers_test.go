package desk_test

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

// A name or a reason cannot make a line of the record look like two, nor move the
// cursor of who reads it.
func TestTheRecordHoldsWhatCanBeSeen(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"Juma\n6  3 Jan 2025 06:04  2  notice.approve", "Juma \x1b[31mKariuki", "Juma\u202eKariuki", "Juma\u200bKariuki", "Juma\tKariuki"} {
		_, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: name}, b.now)
		b.refused(err, 0, "cannot be seen")
	}
	for _, name := range []string{"Ng'ang'a wa Thiong’o", "Zoë O. Müller-Ochieng", "أمينة"} {
		if _, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: name}, b.now); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	n, err := b.desk.Draft(ctx, b.ecAuthor.actor, desk.DraftInput{Kind: subscriptions.Advisory, Slots: subscriptions.Slots{Free: subscriptions.Text{"en": "Keep your receipts."}}}, b.now)
	b.must(err)
	n, err = b.desk.Submit(ctx, b.ecAuthor.actor, n.ID, desk.SubmitInput{}, b.now)
	b.must(err)
	_, err = b.desk.Return(ctx, b.ecApprover.actor, n.ID, "no\r\n99  notice.approve \x1b[2J", b.now)
	b.must(err)
	_, err = b.desk.Publish(ctx, b.ecAuthor.actor, desk.PublishInput{Draft: &desk.DraftInput{Kind: "x\ny"}}, b.now)
	b.refused(err, 4, "nobody's to do")
	for _, l := range b.audit() {
		for _, text := range []string{l.Subject, l.Detail} {
			if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("line %d holds %q", l.Seq, text)
			}
		}
	}
}

// Who guesses codes under ever new names does not fill the record, and keeps nobody
// from linking an account.
func TestStrangersDoNotFillTheRecord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := len(b.audit())
	guess := func(n int) {
		for k := range n {
			_, err := b.desk.Link(ctx, "AAAABBBBCCCCDDDD", subscriptions.Identity{Provider: "webchat", Subject: strings.Repeat("x", k+1)}, "webchat", b.now)
			if err == nil || !strings.Contains(err.Error(), "wrong, used or older") {
				t.Fatalf("guess %d: %v", k, err)
			}
		}
	}
	guess(300)
	if lines := len(b.audit()) - before; lines != 100 {
		t.Errorf("300 guesses made %d lines", lines)
	}
	code, err := b.desk.StartLink(ctx, b.ecAuthor.actor, b.ecAuthor.actor.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Link(ctx, code, subscriptions.Identity{Provider: "telegram", Subject: "77"}, "telegram", b.now)
	b.must(err)
	b.pass(15 * time.Minute)
	before = len(b.audit())
	guess(1)
	if lines := len(b.audit()) - before; lines != 1 {
		t.Errorf("a quarter of an hour later a guess made %d lines", lines)
	}
}

// Who had an officer's key and digits before her may have enrolled in her name, and
// linked a chat and a passkey: with her own enrolment these end.
func TestEnrolmentEndsWhatOthersLinked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	made, err := b.desk.AddOfficer(ctx, b.admin.actor, desk.AddOfficer{Name: "Bahati", Roles: []subscriptions.Grant{{Role: subscriptions.Approver, Agency: "ecitizen"}}}, b.now)
	b.must(err)
	mallory := b.enrolled(person{made, b.signIn(made.Key)}) // the admin, in her name
	b.pass(time.Minute)
	chat := subscriptions.Identity{Provider: "telegram", Subject: "666"}
	code, err := b.desk.StartLink(ctx, mallory.actor, mallory.actor.Officer.ID, b.now)
	b.must(err)
	_, err = b.desk.Link(ctx, code, chat, "telegram", b.now)
	b.must(err)
	_, err = b.desk.LinkPasskey(ctx, mallory.actor, "cGFzc2tleQ", b.code(mallory), b.now)
	b.must(err)

	b.pass(time.Minute)
	own := b.enrolled(person{mallory.NewOfficer, b.signIn(mallory.Key)}) // what she was handed
	if _, _, err := b.desk.Enter(ctx, chat, b.now); err == nil {
		t.Error("the other's chat is still hers")
	}
	if err := b.desk.Prove(ctx, own.actor, desk.Proof{Passkey: "cGFzc2tleQ"}, b.now); err == nil {
		t.Error("the other's passkey still proves that it is her")
	}
	if _, err := b.desk.Authenticate(ctx, mallory.Key, "cli"); err == nil {
		t.Error("the key that the other has seen still works")
	}
	b.pass(time.Minute)
	b.must(b.desk.Prove(ctx, own.actor, desk.Proof{Code: b.code(own)}, b.now))
}
