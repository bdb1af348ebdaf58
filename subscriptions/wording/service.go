package wording

import (
	"slices"
	"strings"

	"arifa/subscriptions"
)

// serviceLines are the lines that only followers of each service read.
func (w *writer) serviceLines(of []subscriptions.Service) []subscriptions.ServiceLines {
	var all []subscriptions.ServiceLines
	for _, s := range of {
		sl := subscriptions.ServiceLines{Service: s.ID, Agency: s.Agency, Name: w.serviceName(s), Label: w.label(s)}
		sl.State, sl.Lines = w.stateOf(s)
		if d := w.f.Notice.Slots.Deadline; d != nil && d.Service == s.ID {
			sl.Lines = append(sl.Lines, w.deadline(*d))
		}
		all = append(all, sl)
	}
	return all
}

// stateOf says how one service is, and what to do instead.
func (w *writer) stateOf(s subscriptions.Service) (string, []string) {
	st, known := w.f.Incident.Service(s.ID)
	speaks := w.f.Notice.Kind != subscriptions.Correction && w.f.Notice.Kind != subscriptions.Advisory
	switch {
	case known && st.Failing && !st.Confirmed:
		return w.t("state.unknown", nil), nil
	case known && st.Held:
		return w.held(s, st), []string{w.t("pay.no", nil)}
	case known && st.Failing && (speaks || w.live()):
		return w.failing(s, st), w.wayLines(s)
	case w.ends():
		return w.t("state.ended", nil), nil
	case !speaks:
		return "", nil
	}
	return w.failing(s, w.guess(s)), w.wayLines(s)
}

// guess stands in for a state that the incident does not hold yet.
func (t telling) guess(s subscriptions.Service) subscriptions.ServiceState {
	broken := map[subscriptions.PlatformID]subscriptions.Impact{}
	for _, p := range t.platforms {
		broken[p.ID] = subscriptions.Blocked
	}
	for _, r := range t.f.Nation.Reach(broken, nil) {
		if r.Service == s.ID {
			return subscriptions.ServiceState{Service: s.ID, Impact: r.Impact, Via: r.Via}
		}
	}
	return subscriptions.ServiceState{Service: s.ID, Impact: subscriptions.Blocked}
}

func (w *writer) held(s subscriptions.Service, st subscriptions.ServiceState) string {
	operator := w.f.Notice.Agency
	if p, ok := w.f.Nation.Platform(first(st.Via)); ok && (operator == s.Agency || operator == "") {
		operator = p.Operator
	}
	return w.t("state.held", map[string]any{"Operator": w.agency(operator), "Agency": w.agency(s.Agency)})
}

func first(ids []subscriptions.PlatformID) subscriptions.PlatformID {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// failing says that a service does not work; of a limited one it says which way
// fails.
func (w *writer) failing(s subscriptions.Service, st subscriptions.ServiceState) string {
	planned := w.scheduled()
	if st.Impact != subscriptions.Degraded {
		if planned {
			return w.t("state.will", nil)
		}
		return w.t("state.blocked", nil)
	}
	ways := w.vias(st.Via, planned)
	if len(ways) == 0 {
		return w.t("state.some", nil)
	}
	return w.t("state.degraded", map[string]any{"Ways": w.s.List(w.l, ways)})
}

// vias says what does not go through the broken platforms: payments in one
// clause, the rest in another.
func (w *writer) vias(ids []subscriptions.PlatformID, planned bool) []string {
	var payments, others []string
	for _, id := range ids {
		p, ok := w.f.Nation.Platform(id)
		switch {
		case !ok:
		case !slices.Contains([]string{"payment-gateway", "mobile-money"}, p.Kind):
			others = append(others, bare(w.platformName(p)))
		case paybills(p) != "":
			w.names(paybills(p))
			payments = append(payments, paybills(p))
		default:
			payments = append(payments, bare(w.platformName(p)))
		}
	}
	tail := ""
	if planned {
		tail = ".will"
	}
	var clauses []string
	if len(payments) > 0 {
		clauses = append(clauses, w.t("via.payment"+tail, map[string]any{"Name": w.s.List(w.l, payments)}))
	}
	if len(others) > 0 {
		clauses = append(clauses, w.t("via.other"+tail, map[string]any{"Name": w.s.List(w.l, others)}))
	}
	return clauses
}

// bare leaves out what a name adds in brackets: the first line has said it.
func bare(name string) string {
	if head, _, ok := strings.Cut(name, " ("); ok {
		return head
	}
	return name
}
