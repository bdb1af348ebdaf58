package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"arifa/bot/desk"
	"arifa/subscriptions"
)

type importCmd struct {
	Subscribers importSubscribersCmd `cmd:"" help:"Enter people from a CSV file: lane, address, language, services, consent. Nobody is sent anything by it (admin)."`
}

type importSubscribersCmd struct {
	File string `arg:"" placeholder:"FILE.csv|-" help:"The file, or - for standard input. Its first line names the columns: lane,address,language,services,consent."`
}

// What a page of the import is: so many that a transaction is worth it, and so few
// that it stays short beside a running serve.
const (
	importPageSQLite   = 500
	importPagePostgres = 5000
	badShown           = 1000 // lines that --json lists
)

// imported is what became of a file.
type imported struct {
	Entered int       `json:"entered"`
	LeftOut int       `json:"left_out"`
	Bad     []badLine `json:"bad,omitempty"` // the first thousand
}

// badLine says what is wrong with a line, without any of its text.
type badLine struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

func (c *importSubscribersCmd) Run(a *app) error {
	in, size := a.In, int64(-1)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if s, err := f.Stat(); err == nil {
			size = s.Size()
		}
		in = f
	}
	return a.acting(func(o *office) error {
		if !o.actor.Officer.Has(subscriptions.Admin, "") {
			return &desk.Refusal{Rule: 4, Why: "subscribers are an admin's", Do: "ask an admin"}
		}
		to, ok := o.store.(subscriptions.Importer)
		if !ok {
			return errors.New("this database takes no import")
		}
		i := &importing{a: a, to: to, nation: o.nation, at: o.now, page: importPageSQLite, bar: a.bar(size)}
		if isPostgres(a.Database) {
			i.page = importPagePostgres
		}
		if c.File == "-" {
			in = readUntil(a.ctx, in)
		}
		outcome, err := "done", i.run(a.ctx, in)
		if err != nil {
			outcome = "failed"
		}
		_, lerr := o.store.Append(context.WithoutCancel(a.ctx), subscriptions.AuditLine{At: o.now, Officer: o.actor.Officer.ID, Action: "subscribers.import", Subject: "subscribers",
			Outcome: outcome, Via: "cli", Detail: fmt.Sprintf("%d entered, %d lines left out", i.out.Entered, i.out.LeftOut)})
		if err = errors.Join(err, lerr); err != nil {
			return fmt.Errorf("after %d were entered (entering them again changes nothing): %w", i.out.Entered, err)
		}
		if err := a.print(i.out, func(w io.Writer) {
			fmt.Fprintf(w, "%s entered. They hear what is published from now on; nothing was sent.\n", count(i.out.Entered, "subscriber"))
		}); err != nil {
			return err
		}
		if i.out.LeftOut > 0 {
			return fmt.Errorf("%s left out; mend them and import them again", count(i.out.LeftOut, "line"))
		}
		return nil
	})
}

// bar shows how much of a file is read; nobody sees it but on a terminal.
func (a *app) bar(size int64) *progressbar.ProgressBar {
	out := io.Discard
	if isTerminal(a.Err) {
		out = a.Err
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(out), progressbar.OptionShowBytes(true), progressbar.OptionSetWidth(28),
		progressbar.OptionSetDescription("  importing"), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(80*time.Millisecond))
}

// importing is one file under way.
type importing struct {
	a      *app
	to     subscriptions.Importer
	nation *subscriptions.Nation
	at     time.Time
	page   int
	bar    *progressbar.ProgressBar
	posts  []subscriptions.Post
	out    imported
}

func (i *importing) run(ctx context.Context, in io.Reader) error {
	lines := bufio.NewReaderSize(in, longestLine)
	n, columns := 0, columns(nil)
	for {
		text, length, err := lineOf(lines)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && ctx.Err() != nil {
			return errors.New("stopped")
		}
		if err != nil && !errors.Is(err, errLine) {
			return errors.Join(err, i.flush(ctx)) // what was read is kept
		}
		_ = i.bar.Add(length)
		if n++; n > 1 {
			if err := i.take(ctx, columns, n, text, err); err != nil {
				return err
			}
			continue
		}
		if err == nil {
			columns, err = columnsOf(strings.TrimPrefix(text, "\ufeff"))
		}
		if err != nil {
			return usagef("line 1: %v", err)
		}
	}
	_ = i.bar.Finish()
	if n == 0 {
		return usagef("the file is empty; its first line is lane,address,language,services,consent")
	}
	return i.flush(ctx)
}

// take enters one line, or leaves it out; unread says why it could not be read. Its error
// is the store's.
func (i *importing) take(ctx context.Context, c columns, n int, text string, unread error) error {
	if unread == nil && strings.TrimSpace(text) == "" {
		return nil
	}
	p, err := subscriptions.Post{}, unread
	if err == nil {
		p, err = i.post(c, text)
	}
	if err != nil {
		i.bad(n, err)
		return nil
	}
	if i.posts = append(i.posts, p); len(i.posts) < i.page {
		return nil
	}
	return i.flush(ctx)
}

func (i *importing) flush(ctx context.Context) error {
	if len(i.posts) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		return errors.New("stopped")
	}
	if err := i.to.ImportRecipients(ctx, i.posts, i.at); err != nil {
		return err
	}
	i.out.Entered += len(i.posts)
	i.posts = i.posts[:0]
	return nil
}

func (i *importing) bad(line int, err error) {
	i.out.LeftOut++
	if i.a.json {
		if len(i.out.Bad) < badShown {
			i.out.Bad = append(i.out.Bad, badLine{line, err.Error()})
		}
		return
	}
	_ = i.bar.Clear()
	fmt.Fprintf(i.a.Err, "line %d: %v\n", line, err)
}

// post reads one line; the error names the column and never what a citizen wrote.
func (i *importing) post(c columns, text string) (subscriptions.Post, error) {
	var p subscriptions.Post
	fields, err := splitCSV(text)
	if err != nil {
		return p, err
	}
	if len(fields) != len(c) {
		return p, fmt.Errorf("%d columns, not %d", len(fields), len(c))
	}
	get := func(name string) string { return strings.TrimSpace(fields[c[name]]) }
	r := subscriptions.Recipient{Lane: subscriptions.LaneID(get("lane")), Address: subscriptions.AddressOf(get("address")), Kind: subscriptions.Person,
		Language: subscriptions.Language(get("language")), CreatedAt: i.at}
	if err := plausible(r.Lane, get("address")); err != nil {
		return p, err
	}
	if !slices.Contains(i.nation.Languages, r.Language) {
		return p, fmt.Errorf("language: none of %s", joinIDs(i.nation.Languages))
	}
	consent := get("consent")
	if consent == "" || len(consent) > 200 {
		return p, errors.New("consent: say where and when it was given, in at most 200 letters")
	}
	p.Recipient = r
	for _, word := range strings.FieldsFunc(get("services"), func(r rune) bool { return r == ' ' || r == ';' || r == '|' }) {
		scope, ok := scopeOf(i.nation, word)
		if !ok {
			return p, fmt.Errorf("services: %.60q is not in the catalogue", word)
		}
		p.Follows = append(p.Follows, subscriptions.Follow{Scope: scope, Since: i.at, Consent: consent})
	}
	if len(p.Follows) == 0 {
		return p, errors.New("services: none; write ids with a space between them")
	}
	return p, nil
}

// plausible checks an address as far as its network's form is known.
func plausible(lane subscriptions.LaneID, address string) error {
	_, of, named := strings.Cut(string(lane), ":")
	switch lane.Network() {
	case "telegram":
		if !named || !chatID(of) {
			return errors.New("lane: write telegram:<id of the bot>")
		}
		if !chatID(address) || strings.HasPrefix(address, "-") || address[0] == '+' || address[0] == '0' {
			return errors.New("address: not the id of a private chat, such as 123456789")
		}
	case "slack":
		if !named || of == "" {
			return errors.New("lane: write slack:<id of the workspace>")
		}
	case "webchat":
	default:
		return errors.New("lane: of no network that this program speaks to")
	}
	if address == "" || len(address) > 200 {
		return errors.New("address: from 1 to 200 letters")
	}
	return nil
}

// scopeOf reads what somebody follows: the id of a service, or agency:, platform: or
// service: before an id, or all.
func scopeOf(n *subscriptions.Nation, word string) (subscriptions.Scope, bool) {
	s := subscriptions.Scope(word)
	kind, id := s.Split()
	ok := false
	switch {
	case s == subscriptions.ScopeAll:
		ok = true
	case kind == "agency" && id != "":
		_, ok = n.Agency(subscriptions.AgencyID(id))
	case kind == "platform" && id != "":
		_, ok = n.Platform(subscriptions.PlatformID(id))
	default:
		if kind != "service" {
			id, s = word, subscriptions.ScopeService(subscriptions.ServiceID(word))
		}
		_, ok = n.Service(subscriptions.ServiceID(id))
	}
	return s, ok
}
