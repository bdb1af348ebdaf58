package slack

import (
	"fmt"
	"slices"
	"strings"
)

// needs says which scope a method of the Web API needs, and what we call it for. A
// test compares it with the methods that are called.
var methodScopes = map[string][]string{
	"auth.test":             nil,
	"chat.postMessage":      {"chat:write"},
	"chat.update":           {"chat:write"},
	"conversations.info":    {"channels:read", "groups:read"},
	"conversations.join":    {"channels:join"},
	"conversations.open":    {"im:write"},
	"conversations.history": {"channels:history", "groups:history", "im:history"},
	"conversations.replies": {"channels:history", "groups:history", "im:history"},
	"users.info":            {"users:read"},
	"views.open":            nil,
	"views.update":          nil,
	"views.publish":         nil,
	"apps.connections.open": nil, // by the app-level token, with connections:write
}

// events that are subscribed to, with the scope that each needs.
var eventScopes = map[string]string{
	"app_home_opened": "", "app_uninstalled": "", "tokens_revoked": "", "message.im": "im:history",
	"member_joined_channel": "channels:read", "channel_left": "channels:read", "channel_archive": "channels:read", "channel_unarchive": "channels:read",
	"channel_deleted": "channels:read", "channel_rename": "channels:read", "channel_id_changed": "channels:read",
	"group_left": "groups:read", "group_archive": "groups:read", "group_unarchive": "groups:read", "group_deleted": "groups:read", "group_rename": "groups:read",
}

// Command is the one slash command of the app.
const Command = "/arifa"

// Scopes are what the bot token needs, and nothing else.
func Scopes() []string {
	all := []string{"commands"}
	for _, scopes := range methodScopes {
		all = append(all, scopes...)
	}
	for _, scope := range eventScopes {
		if scope != "" {
			all = append(all, scope)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Events are what the app subscribes to.
func Events() []string {
	var all []string
	for name := range eventScopes {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Manifest is the app's manifest in YAML, as api.slack.com takes it ("From an app
// manifest"). With a public address Slack calls the app there; without one the app
// opens sockets.
func Manifest(publicURL string) string {
	base := strings.TrimSuffix(publicURL, "/")
	at := func(indent, key, path string) string {
		if base == "" {
			return ""
		}
		return fmt.Sprintf("%s%s: %s%s\n", indent, key, base, path)
	}
	var b strings.Builder
	b.WriteString(`display_information:
  name: Arifa
  description: Tells when a government service fails, what to do, and when it works again
  background_color: "#1d4e3a"
features:
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  bot_user:
    display_name: arifa
    always_online: true
  slash_commands:
    - command: ` + Command + `
` + at("      ", "url", CommandsPath) + `      description: Officers - say what fails. Everybody - what is announced now
      usage_hint: outage 222222 | follow kra-pay-tax | link CODE | help
      should_escape: false
oauth_config:
  scopes:
    bot:
`)
	for _, s := range Scopes() {
		b.WriteString("      - " + s + "\n")
	}
	b.WriteString("settings:\n  event_subscriptions:\n" + at("    ", "request_url", EventsPath) + "    bot_events:\n")
	for _, e := range Events() {
		b.WriteString("      - " + e + "\n")
	}
	b.WriteString("  interactivity:\n    is_enabled: true\n" + at("    ", "request_url", InteractionsPath))
	fmt.Fprintf(&b, "  org_deploy_enabled: false\n  socket_mode_enabled: %t\n  token_rotation_enabled: false\n", base == "")
	return b.String()
}
