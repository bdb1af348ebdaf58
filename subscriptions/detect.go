package subscriptions

// LeadKind is one kind of signal that something fails.
type LeadKind string

const (
	LeadReports LeadKind = "report"
	LeadAsks    LeadKind = "ask"
	LeadMachine LeadKind = "machine"
)

// Reason names why a suspicion is believed.
type Reason string
