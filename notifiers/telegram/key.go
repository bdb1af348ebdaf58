package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"

	"arifa/notifiers/poster"
)

// key is the credential that the bot speaks with now, and what is made of it.
type key struct {
	token      string
	url        string // with the token: never logged
	api        *tg.Bot
	send, edit *poster.Route // nil without connections of our own
}

// botOf is the bot's id in a token; 0 where it is none.
func botOf(token string) int64 {
	before, secret, _ := strings.Cut(token, ":")
	id, err := strconv.ParseInt(before, 10, 64)
	if err != nil || id <= 0 || secret == "" || strings.ContainsAny(token, "/?#% \t\n") {
		return 0
	}
	return id
}

func (c *Channel) keyOf(token string) (*key, error) {
	cfg := c.cfg
	cfg.Token = token
	api, err := library(cfg, c.asking)
	if err != nil {
		return nil, fmt.Errorf("telegram: %w", asked(err, token))
	}
	k := &key{token: token, url: cfg.API + "/bot" + token + "/", api: api}
	if c.kept != nil {
		path := "/bot" + token + "/"
		k.send, k.edit = c.kept.poster.Route(path+"sendMessage"), c.kept.poster.Route(path+"editMessageText")
	}
	return k, nil
}

// renewEvery is how often a refused token is looked for anew.
const renewEvery = time.Second

// answered looks at a refusal of Telegram's: where it is of the token, the present one
// may lie where the old one came from. What was refused is tried again by whoever asked:
// a lane probes, the poller comes back.
func (c *Channel) answered(err error) error {
	var r *refusal
	if errors.As(err, &r) && r.text != "" && ofToken(r) {
		c.lookAgain()
	}
	return err
}

// ofToken reports whether Telegram refuses the token, and not what was asked.
func ofToken(r *refusal) bool {
	return r.code == http.StatusUnauthorized || r.code == http.StatusNotFound
}

// lookAgain reads the token again, unless that was done just now.
func (c *Channel) lookAgain() {
	c.renewing.Lock()
	defer c.renewing.Unlock()
	if now := c.now(); c.cfg.Fresh != nil && (now.Sub(c.renewed) >= renewEvery || now.Before(c.renewed)) {
		c.renewed = now
		c.renew()
	}
}

// another waits for another token than the one that was refused, for so long at most;
// false when ctx has ended.
func (c *Channel) another(ctx context.Context, was *key, most time.Duration) bool {
	for left := most; left > 0 && c.key.Load() == was; left -= renewEvery {
		if !pause(ctx, min(left, renewEvery)) {
			return false
		}
		c.lookAgain()
	}
	return ctx.Err() == nil
}

func (c *Channel) renew() {
	token, err := c.cfg.Fresh()
	switch {
	case err != nil:
		c.complain(slog.LevelWarn, "the token cannot be read again", "error", err)
		return
	case token == c.key.Load().token:
		return
	case botOf(token) != c.id: // another bot is another lane, with its own followers
		c.complain(slog.LevelError, "the new token is none of this bot's: it is not used")
		return
	}
	k, err := c.keyOf(token)
	if err != nil {
		c.complain(slog.LevelError, "the new token is not used", "error", err)
		return
	}
	c.key.Store(k)
	c.complaint = ""
	c.log.Info("the bot has a new token")
}

// complain says what is wrong with the new token once, however often it is looked at.
func (c *Channel) complain(level slog.Level, what string, args ...any) {
	if c.complaint != what {
		c.complaint = what
		c.log.Log(context.Background(), level, what, args...)
	}
}
