package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"arifa/subscriptions"
	"arifa/subscriptions/catalogue"
)

// register takes imports, and refuses from a page on.
type register struct {
	entered []string
	pages   int
	full    int // so many pages are taken; 0 = all
}

func (r *register) ImportRecipients(_ context.Context, posts []subscriptions.Post, _ time.Time) error {
	if r.pages++; r.full > 0 && r.pages > r.full {
		return errors.New("disk full")
	}
	for _, p := range posts {
		r.entered = append(r.entered, p.Recipient.Address.Reveal())
	}
	return nil
}

func importOf(t *testing.T, to *register, in io.Reader) (imported, string, error) {
	t.Helper()
	nation, err := catalogue.Kenya()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	a := &app{world: world{Err: &said, Now: time.Now}, settings: &settings{}, ctx: t.Context(), log: discard(), now: utc(time.Now)}
	i := &importing{a: a, to: to, nation: nation, at: time.Now(), page: 2, bar: a.bar(-1)}
	err = i.run(t.Context(), in)
	return i.out, said.String(), err
}

const importHead = "lane,address,language,services,consent\n"

func importLine(address int, consent string) string {
	return fmt.Sprintf("telegram:123456,%d,sw,kra-pay-tax,%s\n", address, consent)
}

// Whatever is wrong with a line, it is named by its number and the others are entered:
// also where it is endless, or of another alphabet than ours. Nobody sees a bar who looks
// at no terminal.
func TestAnImportKeepsTheRest(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]string{
		"an endless line":            importLine(7000003, strings.Repeat("x", 300<<10)),
		"a line as long as the most": importLine(7000003, strings.Repeat("x", 64<<10)),
		"Latin-1":                    importLine(7000003, "form of caf\xe9"),
		"a NUL":                      importLine(7000003, "form\x00"),
		"a quote too many":           importLine(7000003, "\"form"),
		"no such service":            "telegram:123456,7000003,sw,nothing,form\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to := &register{}
			out, said, err := importOf(t, to, strings.NewReader(importHead+importLine(7000001, "form")+bad+"\n"+importLine(7000002, "form")+strings.TrimSuffix(importLine(7000004, "form"), "\n")))
			if want := []string{"7000001", "7000002", "7000004"}; err != nil || !slices.Equal(to.entered, want) || out.Entered != 3 || out.LeftOut != 1 {
				t.Errorf("got %d of %v entered, %d left out (%v), want %v", out.Entered, to.entered, out.LeftOut, err, want)
			}
			if !strings.HasPrefix(said, "line 3: ") || strings.Count(said, "\n") != 1 || strings.ContainsAny(said, "\r\x00") || strings.Contains(said, "7000003") || len(said) > 300 {
				t.Errorf("it said %.300q", said)
			}
		})
	}
}

// torn is a pipe whose writer dies.
type torn struct{ io.Reader }

func (r torn) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// What was read before the file broke off is entered; what a database refuses is told with
// how many were entered before.
func TestAnImportThatBreaksOff(t *testing.T) {
	t.Parallel()
	lines := importHead
	for k := range 5 {
		lines += importLine(7000001+k, "form")
	}
	to := &register{}
	if out, _, err := importOf(t, to, torn{strings.NewReader(lines)}); !errors.Is(err, io.ErrUnexpectedEOF) || out.Entered != 5 || len(to.entered) != 5 {
		t.Errorf("broken off: got %d entered (%v), want the 5 that were read, and the error", out.Entered, err)
	}
	to = &register{full: 1}
	if out, _, err := importOf(t, to, strings.NewReader(lines)); err == nil || out.Entered != 2 {
		t.Errorf("a full disk: got %d entered (%v), want the page before, and the error", out.Entered, err)
	}
	if _, _, err := importOf(t, &register{}, strings.NewReader("")); err == nil {
		t.Error("an empty file is taken")
	}
	if _, _, err := importOf(t, &register{}, strings.NewReader(strings.Repeat("x", 100<<10))); err == nil {
		t.Error("a header of 100 KiB is taken")
	}
}
