package telegramtest

import (
	"encoding/json"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)
	hookPorts   = []string{"", "443", "80", "88", "8443"}
)

// setWebhook is https://core.telegram.org/bots/api#setwebhook. Plain http is
// taken for a loopback address only, as a local server of Telegram's would.
func (s *Server) setWebhook(r *request) (any, *apiError) {
	address := r.params.text("url")
	if address == "" {
		return s.deleteWebhook(r)
	}
	hook, bad := readWebhook(r.params)
	if bad != nil {
		return nil, bad
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.real(); s.updates.hooked != 0 && now-s.updates.hooked < time.Second {
		return nil, tooMany(1)
	}
	s.updates.hooked = s.real()
	s.abortPoll()
	s.dropWebhook()
	if r.params.flag("drop_pending_updates") {
		s.updates.pending = nil
	}
	if list, given := readAllowed(r.params); given {
		s.updates.allowed = list
	}
	hook.open(s)
	s.updates.hook = hook
	for _, one := range s.updates.pending {
		hook.add(s, one)
	}
	return true, nil
}

func readWebhook(p params) (*webhook, *apiError) {
	const prefix = "bad webhook: "
	u, err := url.Parse(p.text("url"))
	if err != nil || u.Host == "" {
		return nil, badRequest(prefix + "invalid webhook URL specified")
	}
	loopback := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback) {
		return nil, badRequest(prefix + "An HTTPS URL must be provided for webhook")
	}
	if !loopback && !slices.Contains(hookPorts, u.Port()) {
		return nil, badRequest(prefix + "Webhook can be set up only on ports 80, 88, 443 or 8443")
	}
	secret := p.text("secret_token")
	if secret != "" && !secretShape.MatchString(secret) {
		return nil, badRequest("secret token contains unallowed characters")
	}
	most := int(p.number("max_connections"))
	if most < 1 || most > 100 {
		most = 40
	}
	return &webhook{url: p.text("url"), secret: secret, most: most}, nil
}

func (s *Server) deleteWebhook(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropWebhook()
	if r.params.flag("drop_pending_updates") {
		s.updates.pending = nil
	}
	return true, nil
}

func (s *Server) dropWebhook() {
	if s.updates.hook != nil {
		s.updates.hook.cancel()
		s.updates.hook = nil
	}
}

func (s *Server) closeWebhook() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropWebhook()
}

func (s *Server) getWebhookInfo(*request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := struct {
		URL     string   `json:"url"`
		Custom  bool     `json:"has_custom_certificate"`
		Pending int      `json:"pending_update_count"`
		ErrorAt int64    `json:"last_error_date,omitempty"`
		Error   string   `json:"last_error_message,omitempty"`
		Most    int      `json:"max_connections,omitempty"`
		Allowed []string `json:"allowed_updates,omitempty"`
	}{Pending: s.updates.waiting(s.now()), Allowed: s.updates.allowed}
	if hook := s.updates.hook; hook != nil {
		info.URL, info.Most = hook.url, hook.most
		info.Error, info.ErrorAt = hook.lastError, hook.errorAt
	}
	return info, nil
}

// obey runs a method call that a webhook's answer carried; its result is lost, as
// with the real server.
func (s *Server) obey(body []byte) {
	var named struct {
		Method string `json:"method"`
	}
	if json.Unmarshal(body, &named) != nil || named.Method == "" {
		return
	}
	values, err := readObject(body)
	if call := s.methods[strings.ToLower(named.Method)]; err == nil && call != nil {
		begun := s.real()
		r := &request{ctx: s.base, method: strings.ToLower(named.Method), params: values, begun: begun, at: s.limitTime(begun)}
		_, _ = call(s, r)
		s.tell(r)
	}
}
