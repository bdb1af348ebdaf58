// Package catalogue reads the file that names one country's agencies, platforms,
// services, other ways and registry: it parses, checks, compares and searches.
// The Kenyan catalogue is embedded.
//
// It never asks a network, never changes a catalogue and never applies one:
// whoever imports decides with Compare's answer in hand.
package catalogue

import (
	_ "embed"
	"slices"
	_ "time/tzdata" // a check must give one answer on machines with and without a zone database

	"arifa/subscriptions"
)

//go:embed ke.yaml
var kenya []byte

// KenyaYAML returns a copy of the embedded catalogue of Kenya as it was written.
func KenyaYAML() []byte { return slices.Clone(kenya) }

// Kenya returns the embedded catalogue of Kenya. Its error is a Faults.
func Kenya() (*subscriptions.Nation, error) { return Parse(kenya) }
