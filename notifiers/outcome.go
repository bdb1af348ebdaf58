package notifiers

import (
	"fmt"
	"time"

	"arifa/subscriptions"
)

// Scope of a Later.
type PauseScope int

const (
	PauseChat    PauseScope = iota // this recipient only
	PauseLane                      // everything through this credential
	PauseMessage                   // this message only: the limit is of what it needs, such as edits
)

// Later means: nothing arrived; again not before After from now, exactly as the
// network said. It costs no attempt.
type Later struct {
	After time.Duration
	Scope PauseScope
	Err   error
}

func (e Later) Error() string { return fmt.Sprintf("not before %s from now: %v", e.After, e.Err) }
func (e Later) Unwrap() error { return e.Err }

// Never means: this card to this person fails for good; the person stays.
type Never struct{ Err error }

func (e Never) Error() string { return fmt.Sprintf("refused for good: %v", e.Err) }
func (e Never) Unwrap() error { return e.Err }

// Poison means: the network refuses this card for everybody. The notice stops
// and an officer is called; nothing else is held up.
type Poison struct{ Err error }

func (e Poison) Error() string { return fmt.Sprintf("the notice cannot be shown: %v", e.Err) }
func (e Poison) Unwrap() error { return e.Err }

// Gone means: the address is dead (blocked, kicked, deleted). Its debts end.
type Gone struct{ Err error }

func (e Gone) Error() string { return fmt.Sprintf("the address is gone: %v", e.Err) }
func (e Gone) Unwrap() error { return e.Err }

// Moved means: the recipient lives at To now; send there.
type Moved struct {
	To  subscriptions.Address
	Err error
}

func (e Moved) Error() string { return fmt.Sprintf("the address has moved: %v", e.Err) }
func (e Moved) Unwrap() error { return e.Err }

// Halt means: the credential is dead or the lane is misconfigured. The lane is
// held and one row probes it now and then until it works again; rows stay
// pending, and it costs nobody an attempt.
type Halt struct{ Err error }

func (e Halt) Error() string { return fmt.Sprintf("the lane cannot send: %v", e.Err) }
func (e Halt) Unwrap() error { return e.Err }

// Unknown means: it may have arrived.
type Unknown struct{ Err error }

func (e Unknown) Error() string { return fmt.Sprintf("it may have arrived: %v", e.Err) }
func (e Unknown) Unwrap() error { return e.Err }

// Uneditable means: the live message cannot be edited any more; send a new one.
type Uneditable struct{ Err error }

func (e Uneditable) Error() string { return fmt.Sprintf("cannot be edited: %v", e.Err) }
func (e Uneditable) Unwrap() error { return e.Err }
