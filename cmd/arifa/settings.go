package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// settings are spelled the same as flag, environment and file:
// --telegram-token, ARIFA_TELEGRAM_TOKEN, telegram-token:. A secret may come from
// a file: --telegram-token-file.
type settings struct {
	Database       string   `default:"arifa.db" env:"ARIFA_DATABASE,DATABASE" placeholder:"FILE|URL" help:"SQLite file, or postgres://… URL." group:"settings"`
	DatabaseState  string   `env:"ARIFA_DATABASE_STATE" placeholder:"FILE" help:"With PostgreSQL: file of this machine in which serve notes how far the database has come, so that an older one that is put back is held by itself." group:"settings"`
	Listen         string   `default:"127.0.0.1:8080" env:"ARIFA_LISTEN,LISTEN" placeholder:"HOST:PORT" help:"Where the public page, the web chat and webhooks are served." group:"settings"`
	AdminListen    string   `default:"127.0.0.1:9090" env:"ARIFA_ADMIN_LISTEN,ADMIN_LISTEN" placeholder:"HOST:PORT" help:"Health and metrics; a loopback address." group:"settings"`
	PublicURL      string   `name:"public-url" env:"ARIFA_PUBLIC_URL,PUBLIC_URL" placeholder:"URL" help:"Address at which citizens reach this service; its host ends every notice." group:"settings"`
	TrustedProxies []string `env:"ARIFA_TRUSTED_PROXIES" placeholder:"ADDRESS,…" help:"Addresses of your own reverse proxies (10.0.0.7, 10.0.0.0/8): they are believed when they name the client." group:"settings"`
	Catalogue      string   `env:"ARIFA_CATALOGUE,CATALOGUE" placeholder:"FILE" help:"Catalogue for a new database (default: the Kenyan one inside)." group:"settings"`

	TelegramToken         string  `env:"ARIFA_TELEGRAM_TOKEN,TELEGRAM_TOKEN" placeholder:"TOKEN" help:"Token of the bot, from @BotFather." group:"settings"`
	TelegramTokenFile     string  `env:"ARIFA_TELEGRAM_TOKEN_FILE,TELEGRAM_TOKEN_FILE" placeholder:"FILE" help:"File that holds the token." group:"settings"`
	TelegramAPI           string  `name:"telegram-api" default:"https://api.telegram.org" env:"ARIFA_TELEGRAM_API,TELEGRAM_API" placeholder:"URL" help:"Base address of the Bot API." group:"settings"`
	TelegramMode          string  `default:"poll" enum:"poll,webhook" env:"ARIFA_TELEGRAM_MODE,TELEGRAM_MODE" help:"How updates arrive: poll or webhook." group:"settings"`
	TelegramWebhookSecret string  `env:"ARIFA_TELEGRAM_WEBHOOK_SECRET,TELEGRAM_WEBHOOK_SECRET" placeholder:"SECRET" help:"Secret of the webhook, 1 to 256 of A-Z a-z 0-9 _ -." group:"settings"`
	TelegramSecretFile    string  `name:"telegram-webhook-secret-file" env:"ARIFA_TELEGRAM_WEBHOOK_SECRET_FILE,TELEGRAM_WEBHOOK_SECRET_FILE" placeholder:"FILE" help:"File that holds the webhook's secret." group:"settings"`
	TelegramRate          float64 `default:"28" env:"ARIFA_TELEGRAM_RATE,TELEGRAM_RATE" placeholder:"N" help:"Messages per second through this bot; Telegram's ceiling is about 30." group:"settings"`
	TelegramPaidBroadcast bool    `env:"ARIFA_TELEGRAM_PAID_BROADCAST,TELEGRAM_PAID_BROADCAST" help:"Let broadcasts go faster than Telegram's free 30 a second, for Stars from the bot's balance; previews show the price. Set telegram-rate too, at most 1000." group:"settings"`
	TelegramCanary        string  `env:"ARIFA_TELEGRAM_CANARY,TELEGRAM_CANARY" placeholder:"CHAT" help:"Id of a chat of your own that is told before everybody else, and again each minute of a broadcast: when that fails, the broadcast stops." group:"settings"`
	TelegramInFlight      int     `default:"8" env:"ARIFA_TELEGRAM_IN_FLIGHT,TELEGRAM_IN_FLIGHT" placeholder:"N" help:"Messages under way at once: at most so many people read a notice twice after a crash." group:"settings"`
	TelegramConnections   int     `env:"ARIFA_TELEGRAM_CONNECTIONS,TELEGRAM_CONNECTIONS" placeholder:"N" help:"Requests to Telegram at once (default: telegram-in-flight, at most 64)." group:"settings"`

	SlackBotToken          string  `env:"ARIFA_SLACK_BOT_TOKEN,SLACK_BOT_TOKEN" placeholder:"TOKEN" help:"Bot token of the Slack app, xoxb-…" group:"settings"`
	SlackBotTokenFile      string  `env:"ARIFA_SLACK_BOT_TOKEN_FILE,SLACK_BOT_TOKEN_FILE" placeholder:"FILE" help:"File that holds the bot token." group:"settings"`
	SlackAppToken          string  `env:"ARIFA_SLACK_APP_TOKEN,SLACK_APP_TOKEN" placeholder:"TOKEN" help:"App-level token, xapp-…: Socket Mode, without any public address." group:"settings"`
	SlackAppTokenFile      string  `env:"ARIFA_SLACK_APP_TOKEN_FILE,SLACK_APP_TOKEN_FILE" placeholder:"FILE" help:"File that holds the app-level token." group:"settings"`
	SlackSigningSecret     string  `env:"ARIFA_SLACK_SIGNING_SECRET,SLACK_SIGNING_SECRET" placeholder:"SECRET" help:"Signing secret: Slack calls PUBLIC_URL instead." group:"settings"`
	SlackSigningSecretFile string  `env:"ARIFA_SLACK_SIGNING_SECRET_FILE,SLACK_SIGNING_SECRET_FILE" placeholder:"FILE" help:"File that holds the signing secret." group:"settings"`
	SlackAPI               string  `name:"slack-api" default:"https://slack.com/api/" env:"ARIFA_SLACK_API,SLACK_API" placeholder:"URL" help:"Base address of the Web API." group:"settings"`
	SlackTeam              string  `env:"ARIFA_SLACK_TEAM,SLACK_TEAM" placeholder:"T…" help:"The workspace's id, so that the first start need not ask Slack." group:"settings"`
	SlackOfficersChannel   string  `env:"ARIFA_SLACK_OFFICERS_CHANNEL,SLACK_OFFICERS_CHANNEL" placeholder:"C…" help:"Id of the channel where officers work together; the bot must be in it." group:"settings"`
	SlackRate              float64 `default:"4" env:"ARIFA_SLACK_RATE,SLACK_RATE" placeholder:"N" help:"Messages per second in the workspace; Slack takes several hundred a minute, and one a second in a channel." group:"settings"`
	SlackCanary            string  `env:"ARIFA_SLACK_CANARY,SLACK_CANARY" placeholder:"C…" help:"Id of a channel of your own that is told before everybody else, and again each minute of a broadcast: when that fails, the broadcast stops." group:"settings"`
	SlackInFlight          int     `default:"8" env:"ARIFA_SLACK_IN_FLIGHT,SLACK_IN_FLIGHT" placeholder:"N" help:"Messages to Slack under way at once." group:"settings"`

	Tenure         time.Duration `default:"4s" env:"ARIFA_TENURE" placeholder:"TIME" help:"How long a process that died keeps its lanes from another one." group:"settings"`
	RequestTimeout time.Duration `default:"10s" env:"ARIFA_REQUEST_TIMEOUT" placeholder:"TIME" help:"How long one request to a network may take, from 1s to 10s." group:"settings"`

	UnofficialAfter time.Duration `default:"0" env:"ARIFA_UNOFFICIAL_AFTER" placeholder:"TIME" help:"How long officers are asked before pages and /status say that many report a trouble and no word is official, e.g. 20m; 0 = they never do." group:"settings"`
	SampleSize      int           `default:"40" env:"ARIFA_SAMPLE_SIZE" placeholder:"N" help:"How many people are asked whether it works again; 0 = nobody." group:"settings"`

	OfficerKey     string `env:"ARIFA_OFFICER_KEY,OFFICER_KEY" placeholder:"KEY" help:"Your own key as an officer." group:"settings"`
	OfficerKeyFile string `env:"ARIFA_OFFICER_KEY_FILE,OFFICER_KEY_FILE" placeholder:"FILE" help:"File that holds your key." group:"settings"`

	OfficerIdle time.Duration `default:"15m" env:"ARIFA_OFFICER_IDLE" placeholder:"TIME" help:"How long an officer's chat with the desk stays open when nothing is done there." group:"settings"`

	LogFormat string `default:"auto" enum:"auto,json,text" env:"ARIFA_LOG_FORMAT" help:"auto (coloured on a terminal, else JSON), json or text." group:"settings"`
	LogLevel  string `default:"info" enum:"debug,info,warn,error" env:"ARIFA_LOG_LEVEL" help:"debug, info, warn or error; an officer's command says from warn on." group:"settings"`

	machineSettings
	consoleSettings
	laneSettings
}

// settle reads the secrets that lie in files and lists every fault at once,
// each with the name of its setting.
func (s *settings) settle() error {
	var faults []error
	for _, f := range []struct {
		name, path string
		into       *string
	}{
		{"telegram-token-file", s.TelegramTokenFile, &s.TelegramToken},
		{"telegram-webhook-secret-file", s.TelegramSecretFile, &s.TelegramWebhookSecret},
		{"slack-bot-token-file", s.SlackBotTokenFile, &s.SlackBotToken},
		{"slack-app-token-file", s.SlackAppTokenFile, &s.SlackAppToken},
		{"slack-signing-secret-file", s.SlackSigningSecretFile, &s.SlackSigningSecret},
		{"officer-key-file", s.OfficerKeyFile, &s.OfficerKey},
		{"oidc-client-secret-file", s.OIDCClientSecretFile, &s.OIDCClientSecret},
	} {
		if f.path == "" {
			continue
		}
		b, err := os.ReadFile(f.path)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", f.name, err))
			continue
		}
		*f.into = strings.TrimSpace(string(b))
	}
	faults = append(faults, s.addresses()...)
	if s.OfficerIdle < time.Minute || s.OfficerIdle > 12*time.Hour {
		faults = append(faults, errors.New("officer-idle: between 1m and 12h"))
	}
	if s.Tenure < time.Second || s.Tenure > time.Hour {
		faults = append(faults, errors.New("tenure: must be from 1s to 1h"))
	}
	if s.RequestTimeout < time.Second || s.RequestTimeout > 10*time.Second {
		faults = append(faults, errors.New("request-timeout: must be from 1s to 10s"))
	}
	if s.UnofficialAfter < 0 || s.UnofficialAfter > 24*time.Hour {
		faults = append(faults, errors.New("unofficial-after: must be from 0 (never) to 24h"))
	}
	if s.SampleSize < 0 || s.SampleSize > 1000 {
		faults = append(faults, errors.New("sample-size: must be from 0 (nobody) to 1000"))
	}
	faults = append(faults, s.telegram()...)
	faults = append(faults, s.moreLanes()...)
	faults = append(faults, s.machines()...)
	faults = append(faults, s.sso()...)
	faults = append(faults, s.slack()...)
	return errors.Join(faults...)
}

func (s *settings) addresses() (faults []error) {
	if s.Database == "" {
		faults = append(faults, errors.New("database: empty; give a file such as arifa.db or a postgres:// URL"))
	}
	if looksLikePostgres(s.Database) && !isPostgres(s.Database) {
		// Without its text: it may hold a password.
		faults = append(faults, errors.New("database: this looks like PostgreSQL, but is not a URL such as postgres://user@host/name"))
	}
	if strings.Contains(s.Database, "://") && !looksLikePostgres(s.Database) {
		faults = append(faults, errors.New("database: neither a SQLite file such as arifa.db nor a URL such as postgres://user@host/name"))
	}
	for name, v := range map[string]string{"listen": s.Listen, "admin-listen": s.AdminListen} {
		if _, _, err := net.SplitHostPort(v); err != nil {
			faults = append(faults, fmt.Errorf("%s: %q is not HOST:PORT, such as 127.0.0.1:8080", name, v))
		}
	}
	for _, p := range s.TrustedProxies {
		if _, err := prefix(p); err != nil {
			faults = append(faults, fmt.Errorf("trusted-proxies: %q is no address such as 10.0.0.7 or 10.0.0.0/8", p))
		}
	}
	if s.PublicURL != "" {
		u, err := url.Parse(s.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			faults = append(faults, fmt.Errorf("public-url: %q is not an address such as https://arifa.example.go.ke", s.PublicURL))
		}
	}
	return faults
}

func looksLikePostgres(d string) bool {
	return strings.HasPrefix(d, "postgres:") || strings.HasPrefix(d, "postgresql:") || strings.Contains(d, "password=") || strings.Contains(d, "host=")
}

// loopback reports whether an address is reached from this machine only.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// connections to Telegram at once; more wait for nothing but the machine.
func (s *settings) connections() int {
	if s.TelegramConnections > 0 {
		return s.TelegramConnections
	}
	return min(s.TelegramInFlight, 64)
}

// host is what ends every notice.
func (s *settings) host() string {
	u, err := url.Parse(s.PublicURL)
	if err != nil {
		return ""
	}
	return u.Host
}

// utc is the one place where a clock is read and cut for the stores.
func utc(now func() time.Time) func() time.Time {
	return func() time.Time { return now().UTC().Truncate(time.Millisecond) }
}
