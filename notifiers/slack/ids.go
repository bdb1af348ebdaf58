package slack

import (
	"regexp"
	"strings"

	"arifa/subscriptions"
)

// A message is known by the channel that took it and its timestamp, "C024BE91L/1735884000.000100".
// The timestamp is a string: as a number it would lose its last digits.
var (
	placeShape   = regexp.MustCompile(`^[CGDUW][A-Z0-9]{2,30}$`)
	messageShape = regexp.MustCompile(`^([CGD][A-Z0-9]{2,30})/([0-9]{1,12}\.[0-9]{1,9})$`)
	personShape  = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)
)

func messageID(channel, ts string) string { return channel + "/" + ts }

// message splits an id of messageID; false for anything else.
func splitMessage(id string) (channel, ts string, ok bool) {
	m := messageShape.FindStringSubmatch(id)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// isPerson tells the address of a person from that of a channel.
func isPerson(a subscriptions.Address) bool { return personShape.MatchString(a.Reveal()) }

// SubjectOf is how an officer's account is kept: by workspace and person, because
// people of other workspaces write in shared channels.
func SubjectOf(team, person string) string { return team + "/" + person }

// splitSubject is the other way round.
func splitSubject(subject string) (team, person string, ok bool) {
	team, person, ok = strings.Cut(subject, "/")
	return team, person, ok && teamShape.MatchString(team) && personShape.MatchString(person)
}

// AddressOf is where the account of SubjectOf is written to in a workspace; false
// where it is of another one.
func AddressOf(workspace, subject string) (subscriptions.Address, bool) {
	team, person, ok := splitSubject(subject)
	return subscriptions.AddressOf(person), ok && team == workspace
}

// PlausibleChannel tells a channel's id from its name.
func PlausibleChannel(id string) bool {
	return placeShape.MatchString(id) && (id[0] == 'C' || id[0] == 'G')
}
