package bot

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

const (
	codeRunes = 6  // of a check code
	codeDays  = 14 // how old a notice may be whose code is typed without its number
)

// byCode answers somebody who typed a notice's check code without its number,
// alone or behind a word such as "notice". A word that is no code of a notice of
// these days is left to the search.
func (t *turn) byCode(ctx context.Context, text string) (wording.Card, bool, error) {
	code, labelled, ok := t.vocabulary.code(text)
	if !ok {
		return wording.Card{}, false, nil
	}
	for day := range codeDays {
		for n := 1; ; n++ {
			key := subscriptions.NewNoticeKey(t.local(t.now).AddDate(0, 0, -day), n)
			found, err := t.Bulletins.NoticesByKey(ctx, string(key))
			if err != nil {
				return wording.Card{}, false, err
			}
			if len(found) == 0 { // numbers have no gaps: the day has no more
				break
			}
			if i := slices.IndexFunc(found, func(n subscriptions.Notice) bool { return public(n) && subscriptions.SameCode(n.Code, code) }); i >= 0 {
				card, err := t.compare(ctx, string(found[i].Key)+"-"+found[i].Code)
				return card, true, err
			}
		}
	}
	if labelled && strings.ContainsAny(code, "0123456789") { // no name of a service: the number finds older notices too
		t.ask(actVerify)
		return t.withMenu(t.plain("verify.ask")), true, nil
	}
	return wording.Card{}, false, nil
}

// code is the word of a text that may be a check code and the only one beside
// words for "notice" and "code"; labelled tells whether those were there.
func (v *vocabulary) code(text string) (code string, labelled, ok bool) {
	for _, word := range strings.Fields(squash(v.plain(text))) {
		switch {
		case v.codeWords[word]:
			labelled = true
		case code == "" && utf8.RuneCountInString(word) == codeRunes:
			code = word
		default:
			return "", false, false
		}
	}
	return code, labelled, code != ""
}
