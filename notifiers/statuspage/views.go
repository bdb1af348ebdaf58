package statuspage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"arifa/subscriptions"
)

// frontView is what is announced now.
type frontView struct {
	Live, Planned, Ended []story
	Unspoken             []subscriptions.ServiceID
	Agencies             []agencyView
}

// agencyView is one agency with its services, by name.
type agencyView struct {
	ID       subscriptions.AgencyID
	Name     string
	Short    string
	Services []subscriptions.ServiceID
	Worst    stateOf
}

func (s *Site) front(e *edition, l subscriptions.Language) *frame {
	f := s.frame(e, l, "")
	f.Title, f.Feeds = f.T("status.public"), f.feeds("", "")
	all := f.Stories()
	f.Body = frontView{Live: liveOnes(all), Planned: plannedOnes(all), Ended: endedOnes(all), Unspoken: f.unspoken(), Agencies: f.agencies()}
	return f
}

func (f *frame) agenciesOf() []agencyView {
	order := []impact{blocked, limited, unsure, unspoken, planned}
	var out []agencyView
	for _, a := range f.e.nation.Agencies {
		v := agencyView{ID: a.ID, Name: f.text(a.Name), Short: a.Short}
		for _, svc := range f.e.nation.Services {
			if svc.Agency != a.ID || svc.Retired {
				continue
			}
			v.Services = append(v.Services, svc.ID)
			st := f.State(svc.ID)
			if at := slices.Index(order, st.Impact); at >= 0 && (v.Worst.Impact == "" || at < slices.Index(order, v.Worst.Impact)) {
				v.Worst = st
			}
		}
		if len(v.Services) == 0 || a.Retired {
			continue
		}
		slices.SortStableFunc(v.Services, func(x, y subscriptions.ServiceID) int {
			return strings.Compare(strings.ToLower(f.Name(x)), strings.ToLower(f.Name(y)))
		})
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b agencyView) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return out
}

// servicesView lists all services by agency, or what a search found.
type servicesView struct {
	Query    string
	Searched bool
	Found    []Found
	Agencies []agencyView
}

func (s *Site) services(e *edition, l subscriptions.Language, query string) *frame {
	f := s.frame(e, l, "services")
	f.Title, f.Feeds = f.T("page.services"), f.feeds("", "")
	v := servicesView{Query: query}
	if query = strings.TrimSpace(query); query != "" && s.Search != nil {
		v.Searched = true
		for _, found := range s.Search(query, mostFound) {
			a, ok := e.nation.Agency(found.Agency)
			if found.Service != "" && f.Links(found.Service) || ok && !a.Retired && found.Service == "" {
				v.Found = append(v.Found, found)
			}
		}
	} else {
		v.Agencies = f.agencies()
	}
	f.Body = v
	return f
}

const (
	mostFound = 12
	mostQuery = 200 // bytes of a search
)

// serviceView is the page of one service.
type serviceView struct {
	Service  subscriptions.Service
	Stories  []story
	Lately   *story // the newest end of the last days, where nothing fails
	Unspoken bool
	Bars     []bar
	Days     []string // with something announced
	Past     []pastView
	Follow   followView
}

// pastView is one incident that is over, or was told of earlier.
type pastView struct {
	ID     subscriptions.IncidentID
	Title  string
	From   time.Time
	To     time.Time // zero = not over
	Impact impact
}

func (s *Site) service(e *edition, l subscriptions.Language, svc subscriptions.Service) *frame {
	f := s.frame(e, l, "s/"+string(svc.ID))
	f.about = svc.ID
	f.Title, f.Feeds = f.label(svc.ID), f.feeds("s/"+string(svc.ID), f.label(svc.ID))
	v := serviceView{Service: svc, Follow: f.follow(svc.ID), Unspoken: slices.Contains(f.unspoken(), svc.ID)}
	for _, st := range f.stories(only(svc.ID)) {
		if st.Live() {
			v.Stories = append(v.Stories, st)
		} else if v.Lately == nil {
			v.Lately = &st
		}
	}
	v.Bars = e.bars(svc.ID, f.wasTold)
	for _, b := range v.Bars {
		if b.Impact != "" {
			v.Days = append(v.Days, f.Date(b.Day))
		}
	}
	v.Past = f.past(func(i subscriptions.Incident) bool { _, ok := i.Service(svc.ID); return ok })
	f.Body = v
	return f
}

// wasTold reports whether anything public was ever said of an incident.
func (f *frame) wasTold(i subscriptions.Incident) bool { return len(f.e.of[i.ID]) > 0 }

func (f *frame) past(which func(subscriptions.Incident) bool) []pastView {
	var out []pastView
	for _, i := range f.e.incidents {
		if !i.State.Over() || !which(i) || !f.wasTold(i) {
			continue
		}
		how := over
		if i.Maintenance {
			how = planned
		}
		out = append(out, pastView{ID: i.ID, Title: f.titleOf(i), From: i.Since, To: i.EndedAt, Impact: how})
	}
	return out
}

// titleOf is how an incident was first told; what was withdrawn is not repeated.
func (f *frame) titleOf(i subscriptions.Incident) string {
	for _, n := range f.e.of[i.ID] {
		if n.State != subscriptions.Withdrawn && n.Kind.Chain() {
			return f.words(n).Title
		}
	}
	return f.T("page.record") + " " + fmt.Sprint(int64(i.ID))
}

// Empty reports whether nothing is told of the service now.
func (v serviceView) Empty() bool { return len(v.Stories) == 0 && !v.Unspoken }

// agencyPage is the page of one agency.
type agencyPage struct {
	agencyView
	URL     string
	Stories []story
	Ended   []story
	Past    []pastView
}

func (s *Site) agency(e *edition, l subscriptions.Language, a subscriptions.Agency) *frame {
	f := s.frame(e, l, "a/"+string(a.ID))
	f.Title, f.Feeds = f.text(a.Name), f.feeds("a/"+string(a.ID), f.text(a.Name))
	mine := func(id subscriptions.ServiceID) bool { v, _ := e.nation.Service(id); return v.Agency == a.ID }
	v := agencyPage{URL: official(e.nation, a)}
	for _, one := range f.agencies() {
		if one.ID == a.ID {
			v.agencyView = one
		}
	}
	v.ID, v.Name, v.Short = a.ID, f.text(a.Name), a.Short
	for _, st := range f.stories(mine) {
		if st.Live() {
			v.Stories = append(v.Stories, st)
		} else {
			v.Ended = append(v.Ended, st)
		}
	}
	v.Past = f.past(func(i subscriptions.Incident) bool {
		return slices.ContainsFunc(i.Services, func(st subscriptions.ServiceState) bool { return mine(st.Service) })
	})
	f.Body = v
	return f
}

// official is an agency's own site, where its host is an official one.
func official(n *subscriptions.Nation, a subscriptions.Agency) string {
	if a.URL == "" || a.URLVerify || !n.OfficialHost(hostOf(a.URL)) {
		return ""
	}
	return a.URL
}

// followView tells how to follow one service; without an id, anything.
type followView struct {
	Service  subscriptions.ServiceID
	Accounts []Account
	WebChat  string
	Channels []channelView
	Feeds    []feedLink
	Host     string
	Base     string
}

// channelView is one public channel of ours.
type channelView struct{ Network, Title string }

func (f *frame) follow(id subscriptions.ServiceID) followView {
	v := followView{Service: id, Feeds: f.feeds("", ""), Host: f.site.host(), Base: f.site.Base}
	if id != "" {
		v.Feeds = f.feeds("s/"+string(id), f.label(id))
	}
	for _, a := range f.e.accounts {
		if a.Follow != "" && id != "" {
			a.URL = strings.ReplaceAll(a.Follow, "%s", string(id))
		}
		v.Accounts = append(v.Accounts, a)
	}
	if f.site.WebChat != "" {
		v.WebChat = strings.ReplaceAll(f.site.WebChat, "%s", string(f.L))
		if id != "" {
			v.WebChat += "?start=" + string(id)
		}
	}
	for _, p := range f.e.posts {
		r := p.Recipient
		if r.Kind == subscriptions.Channel && r.GoneAt.IsZero() && r.Title != "" && len(p.Follows) > 0 {
			v.Channels = append(v.Channels, channelView{upperFirst(r.Lane.Network()), r.Title})
		}
	}
	return v
}

func (s *Site) ours(e *edition, l subscriptions.Language) *frame {
	f := s.frame(e, l, "follow")
	f.Title, f.Feeds = f.T("page.ours"), f.feeds("", "")
	f.Body = f.follow("")
	return f
}
