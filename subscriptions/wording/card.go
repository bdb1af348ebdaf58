package wording

import (
	"arifa/subscriptions"
)

// Card is what one recipient reads, ready for any network: a title, lines,
// choices and links. It is plain text without any markup; a network escapes it
// and shows Title in bold where it can.
type Card struct {
	Title   string
	Lines   []string   // one sentence or a few a line, in the order of speaking
	Choices [][]Choice // rows of buttons
	Copy    []Copy     // working destinations only
	Links   []Link
	Footer  []string // who speaks, the number, why you get it: shown small where that exists
	// Replace asks a network that can edit to put this card in place of the one
	// whose button was pressed.
	Replace bool
	// Erase asks a network that can to take away the message that this card
	// answers: it held a secret.
	Erase bool
	// Ask is what the next text answers; nil = nothing is asked. A network that has
	// forms shows one for it, others wait for the text.
	Ask *Ask
}

// Ask is a question that is answered by a text. A form gives Token back, so that an
// older one does not answer a newer question.
type Ask struct {
	Kind  AskKind
	Token string
}

// AskKind says how long an answer is.
type AskKind string

const (
	AskDigits AskKind = "digits" // six digits
	AskLine   AskKind = "line"   // a word, a name, a time
	AskText   AskKind = "text"   // a sentence or a few
)

// Choice is a button. Data is absolute ("follow kra-pay-tax", never a toggle),
// at most 64 bytes, so that pressing it twice is harmless.
type Choice struct {
	Label string
	Data  string
}

// Copy is a button that copies a working destination.
type Copy struct{ Label, Value string }

// Link is a button with an address on our own or an official host.
type Link struct{ Label, URL string }

// Preview is how a card looks on one network in one language.
type Preview struct {
	Network  string
	Language subscriptions.Language
	Text     string
	Chars    int // as the network counts them
	Limit    int
	Parts    int    // messages or SMS parts
	Encoding string // "GSM-7" or "UCS-2" for SMS, else empty
}
