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
}

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
