package subscriptions

// Rollup knows what depends on what: made once of a catalogue.
type Rollup struct {
	reach map[PlatformID][]ServiceID // that depend on it, confirmed or not
	own   map[AgencyID][]ServiceID
	// fails are the platforms that fail with one, itself included, and how.
	fails map[PlatformID]map[PlatformID]Impact
}

// NewRollup works out what every platform reaches.
func NewRollup(n *Nation) *Rollup {
	r := &Rollup{reach: map[PlatformID][]ServiceID{}, own: map[AgencyID][]ServiceID{}, fails: map[PlatformID]map[PlatformID]Impact{}}
	for _, p := range n.Platforms {
		broken := map[PlatformID]Impact{p.ID: Blocked}
		r.fails[p.ID] = n.spread(broken)[p.ID]
		for _, hit := range n.Reach(broken, nil) {
			r.reach[p.ID] = append(r.reach[p.ID], hit.Service)
		}
	}
	for _, s := range n.Services {
		if !s.Retired {
			r.own[s.Agency] = append(r.own[s.Agency], s.ID)
		}
	}
	return r
}
