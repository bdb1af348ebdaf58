package subscriptions

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// AuditLine is one thing an officer or the program did. Each carries the hash
// of the one before, so that a line can be neither changed nor dropped unseen.
type AuditLine struct {
	Seq      int64
	At       time.Time
	Officer  OfficerID // 0 = the program itself
	Agency   AgencyID
	Action   string // "notice.publish", "officer.add", …
	Subject  string // key or id of what was acted on
	Outcome  string // "done" or "refused"
	Rule     string // which rule refused
	Detail   string // facts, never a citizen's text or address, never a secret
	Via      string // the face: cli, telegram, slack, console
	PrevHash string
	Hash     string
}

// Seal returns the line as the next one after prev (the zero line at the start).
func (l AuditLine) Seal(prev AuditLine) AuditLine {
	l.Seq, l.PrevHash = prev.Seq+1, prev.Hash
	l.At = l.At.UTC().Truncate(time.Millisecond)
	l.Hash = l.sum()
	return l
}

func (l AuditLine) sum() string {
	l.Hash = ""
	l.At = l.At.UTC()
	b, err := json.Marshal(l)
	if err != nil { // strings, numbers and a time: cannot fail
		panic(err)
	}
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// AuditFault names the first line at which the chain breaks.
type AuditFault struct {
	Seq     int64
	Problem string
}

func (f AuditFault) Error() string {
	return fmt.Sprintf("audit record: line %d: %s", f.Seq, f.Problem)
}

// VerifyAudit checks that line follows prev; call it over the whole record.
func VerifyAudit(prev, line AuditLine) error {
	switch {
	case line.Seq != prev.Seq+1:
		return AuditFault{line.Seq, fmt.Sprintf("line %d is missing", prev.Seq+1)}
	case line.PrevHash != prev.Hash:
		return AuditFault{line.Seq, "does not carry the hash of the line before: that line was changed, or this one was put in"}
	case line.Hash != line.sum():
		return AuditFault{line.Seq, "its content was changed after it was written"}
	}
	return nil
}
