package telegramtest

import (
	"context"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"
)

const maxQueryAnswer = 200 // characters

// Answer is what a person sees after pressing a button.
type Answer struct {
	Text  string
	Alert bool // a box to be closed instead of a line that goes by itself
	URL   string
}

type query struct {
	id       int64
	at       time.Time // server's clock
	answered chan struct{}
	answer   Answer
}

// queries are the callback queries of the last 150 s, and those before them until
// there are more than enough.
type queries struct {
	byID   map[int64]*query
	order  []*query
	nextID int64
}

func newQueries() queries {
	return queries{byID: map[int64]*query{}, nextID: 4_382_000_000_000_000_000}
}

const keptQueries = 4096

// add makes a query; s.mu is held.
func (q *queries) add(now time.Time) *query {
	q.nextID += 1_000_003
	one := &query{id: q.nextID, at: now, answered: make(chan struct{})}
	q.byID[one.id] = one
	q.order = append(q.order, one)
	for len(q.order) > keptQueries && now.Sub(q.order[0].at) > queryLife {
		delete(q.byID, q.order[0].id)
		q.order = q.order[1:]
	}
	return one
}

func (one *query) isAnswered() bool {
	select {
	case <-one.answered:
		return true
	default:
		return false
	}
}

// answerCallbackQuery is https://core.telegram.org/bots/api#answercallbackquery.
func (s *Server) answerCallbackQuery(r *request) (any, *apiError) {
	text, link := r.params.text("text"), r.params.text("url")
	id, err := strconv.ParseInt(r.params.text("callback_query_id"), 10, 64)
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.queries.byID[id]
	if err != nil || one == nil || one.isAnswered() || s.now().Sub(one.at) > queryLife {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	if utf8.RuneCountInString(text) > maxQueryAnswer {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	if link != "" && checkURL(link) != nil {
		return nil, badRequest("URL_INVALID")
	}
	one.answer = Answer{Text: text, Alert: r.params.flag("show_alert"), URL: link}
	close(one.answered)
	return true, nil
}

// WaitForAnswer waits until the bot answers the query that Press returned.
func (s *Server) WaitForAnswer(ctx context.Context, queryID string) (Answer, error) {
	id, _ := strconv.ParseInt(queryID, 10, 64)
	s.mu.Lock()
	one := s.queries.byID[id]
	s.mu.Unlock()
	if one == nil {
		return Answer{}, fmt.Errorf("wait for an answer: no query %q", queryID)
	}
	select {
	case <-one.answered:
		return one.answer, nil
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("wait for an answer: %w", context.Cause(ctx))
	}
}
