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
	Database    string `default:"arifa.db" env:"ARIFA_DATABASE" placeholder:"FILE|URL" help:"SQLite file, or postgres://… URL." group:"settings"`
	Listen      string `default:"127.0.0.1:8080" env:"ARIFA_LISTEN" placeholder:"HOST:PORT" help:"Where webhooks arrive." group:"settings"`
	AdminListen string `default:"127.0.0.1:9090" env:"ARIFA_ADMIN_LISTEN" placeholder:"HOST:PORT" help:"Health and metrics; a loopback address." group:"settings"`
	PublicURL   string `name:"public-url" env:"ARIFA_PUBLIC_URL,PUBLIC_URL" placeholder:"URL" help:"Address at which citizens reach this service; its host ends every notice." group:"settings"`
	Catalogue   string `env:"ARIFA_CATALOGUE" placeholder:"FILE" help:"Catalogue for a new database (default: the Kenyan one inside)." group:"settings"`

	TelegramToken         string  `env:"ARIFA_TELEGRAM_TOKEN,TELEGRAM_TOKEN" placeholder:"TOKEN" help:"Token of the bot, from @BotFather." group:"settings"`
	TelegramTokenFile     string  `env:"ARIFA_TELEGRAM_TOKEN_FILE,TELEGRAM_TOKEN_FILE" placeholder:"FILE" help:"File that holds the token." group:"settings"`
	TelegramAPI           string  `name:"telegram-api" default:"https://api.telegram.org" env:"ARIFA_TELEGRAM_API,TELEGRAM_API" placeholder:"URL" help:"Base address of the Bot API." group:"settings"`
	TelegramMode          string  `default:"poll" enum:"poll,webhook" env:"ARIFA_TELEGRAM_MODE,TELEGRAM_MODE" help:"How updates arrive: poll or webhook." group:"settings"`
	TelegramWebhookSecret string  `env:"ARIFA_TELEGRAM_WEBHOOK_SECRET,TELEGRAM_WEBHOOK_SECRET" placeholder:"SECRET" help:"Secret of the webhook, 1 to 256 of A-Z a-z 0-9 _ -." group:"settings"`
	TelegramSecretFile    string  `name:"telegram-webhook-secret-file" env:"ARIFA_TELEGRAM_WEBHOOK_SECRET_FILE,TELEGRAM_WEBHOOK_SECRET_FILE" placeholder:"FILE" help:"File that holds the webhook's secret." group:"settings"`
	TelegramRate          float64 `default:"28" env:"ARIFA_TELEGRAM_RATE,TELEGRAM_RATE" placeholder:"N" help:"Messages per second through this bot; Telegram's ceiling is about 30." group:"settings"`
	TelegramInFlight      int     `default:"8" env:"ARIFA_TELEGRAM_IN_FLIGHT" placeholder:"N" help:"Messages under way at once: at most so many people read a notice twice after a crash." group:"settings"`
	TelegramConnections   int     `env:"ARIFA_TELEGRAM_CONNECTIONS" placeholder:"N" help:"Requests to Telegram at once (default: telegram-in-flight, at most 64)." group:"settings"`

	Tenure time.Duration `default:"30s" env:"ARIFA_TENURE" placeholder:"TIME" help:"How long a process that died keeps its lanes from another one; a request gets a third of it, at most 10s." group:"settings"`

	OfficerKey     string `env:"ARIFA_OFFICER_KEY,OFFICER_KEY" placeholder:"KEY" help:"Your own key as an officer." group:"settings"`
	OfficerKeyFile string `env:"ARIFA_OFFICER_KEY_FILE,OFFICER_KEY_FILE" placeholder:"FILE" help:"File that holds your key." group:"settings"`

	LogFormat string `default:"auto" enum:"auto,json,text" env:"ARIFA_LOG_FORMAT" help:"auto (coloured on a terminal, else JSON), json or text." group:"settings"`
	LogLevel  string `default:"info" enum:"debug,info,warn,error" env:"ARIFA_LOG_LEVEL" help:"debug, info, warn or error." group:"settings"`
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
		{"officer-key-file", s.OfficerKeyFile, &s.OfficerKey},
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
	faults = append(faults, s.telegram()...)
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
	for name, v := range map[string]string{"listen": s.Listen, "admin-listen": s.AdminListen} {
		if _, _, err := net.SplitHostPort(v); err != nil {
			faults = append(faults, fmt.Errorf("%s: %q is not HOST:PORT, such as 127.0.0.1:8080", name, v))
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

func (s *settings) telegram() (faults []error) {
	if t := s.TelegramToken; t != "" && !plausibleToken(t) {
		faults = append(faults, errors.New("telegram-token: not of the form 123456:ABC…; copy it again from @BotFather"))
	}
	if u, err := url.Parse(s.TelegramAPI); err != nil || u.Host == "" {
		faults = append(faults, errors.New("telegram-api: not an address such as https://api.telegram.org"))
	}
	if s.TelegramRate <= 0 {
		faults = append(faults, errors.New("telegram-rate: must be above 0"))
	}
	if s.TelegramInFlight < 1 || s.TelegramInFlight > 4096 {
		faults = append(faults, errors.New("telegram-in-flight: must be from 1 to 4096"))
	}
	if s.TelegramConnections < 0 || s.TelegramConnections > s.TelegramInFlight {
		faults = append(faults, errors.New("telegram-connections: must be from 1 to telegram-in-flight"))
	}
	if s.Tenure < time.Second || s.Tenure > time.Hour {
		faults = append(faults, errors.New("tenure: must be from 1s to 1h"))
	}
	if s.TelegramMode == "webhook" && s.TelegramToken != "" {
		if s.TelegramWebhookSecret == "" {
			faults = append(faults, errors.New("telegram-webhook-secret: empty; webhook mode needs one, so that nobody else can speak as Telegram"))
		} else if strings.Trim(s.TelegramWebhookSecret, secretLetters) != "" || len(s.TelegramWebhookSecret) > 256 {
			faults = append(faults, errors.New("telegram-webhook-secret: use 1 to 256 of A-Z a-z 0-9 _ - only"))
		}
		if s.PublicURL == "" {
			faults = append(faults, errors.New("public-url: empty; webhook mode needs the address that Telegram is to call"))
		}
	}
	return faults
}

const secretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

func plausibleToken(t string) bool {
	id, rest, ok := strings.Cut(t, ":")
	return ok && id != "" && strings.Trim(id, "0123456789") == "" && len(rest) >= 16 && strings.Trim(rest, secretLetters) == ""
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

// lane is the lane of the bot whose token is set: rotating the token keeps it.
func (s *settings) telegramLane() string {
	id, _, _ := strings.Cut(s.TelegramToken, ":")
	return "telegram:" + id
}

// utc is the one place where a clock is read and cut for the stores.
func utc(now func() time.Time) func() time.Time {
	return func() time.Time { return now().UTC().Truncate(time.Millisecond) }
}
