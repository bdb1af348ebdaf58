package slack

import (
	"context"
	"encoding/json"
	"time"

	"arifa/subscriptions"
)

// taken is what the receiver answers within Slack's three seconds.
type taken struct {
	ok     bool // it is stored: the acknowledgement may go
	answer any  // what the acknowledgement carries; nil = nothing
}

// notRecorded is said where a command or a click could not be stored.
const notRecorded = "Not recorded. Please press again."

// take stores one thing before anybody is told that it was heard, and opens the
// window that it asks for beside: a trigger lives three seconds, so views.open
// waits for no database. What is not stored is not acknowledged, or answered with
// "press again".
func (e *Ears) take(ctx context.Context, kind string, payload json.RawMessage) taken {
	// What was begun is finished, however the connection or the request ends.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.pauses.storing+RequestTimeout)
	h := read(kind, payload)
	if h.otherWorkspace(e.channel.team) {
		cancel()
		return taken{ok: true, answer: elsewhere(h)}
	}
	opened := e.open(ctx, h)
	fresh, err := e.store(ctx, h.id(payload), h, payload)
	switch {
	case err != nil:
		e.log.Error("not stored, so not acknowledged", "kind", kind, "error", err)
	case !fresh && kind != kindEvent: // Slack tells events again, and nothing else
		cancel()
		e.forgedOnce("replay")
		return taken{ok: true, answer: again(h)}
	}
	e.taking.Go(func() {
		defer cancel()
		e.afterwards(ctx, h, <-opened, err == nil)
	})
	if err != nil {
		return notStored(h)
	}
	return taken{ok: true, answer: waitingFor(h)}
}

// store keeps one thing; fresh is false for what is kept already.
func (e *Ears) store(ctx context.Context, id int64, h heard, payload json.RawMessage) (fresh bool, err error) {
	body, err := json.Marshal(envelope{Kind: h.Kind, Payload: payload})
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, e.pauses.storing)
	defer cancel()
	type stored struct {
		n   int
		err error
	}
	done := make(chan stored, 1)
	e.taking.Go(func() {
		in := subscriptions.Incoming{Lane: e.channel.lane, ID: id, Chat: h.chat(), Body: body, At: e.now()}
		n, err := e.Inbox.PutIncoming(ctx, []subscriptions.Incoming{in})
		if err == nil {
			e.intake.Stored(ctx, n, in)
		}
		done <- stored{n, err}
	})
	select {
	case s := <-done:
		return s.n > 0, s.err
	case <-ctx.Done(): // a store that does not heed ctx must not cost the three seconds
		return false, ctx.Err()
	}
}

// again is the answer to a command that came a second time.
func again(h heard) any {
	if h.Kind != kindCommand {
		return nil
	}
	return response{Kind: "ephemeral", Text: "This was recorded before. Nothing was done again."}
}

// open opens the window that a command or click asks for. The channel gets nil
// where none was asked for, too.
func (e *Ears) open(ctx context.Context, h heard) <-chan error {
	done := make(chan error, 1)
	if !opensWindow(h) || h.Trigger == "" {
		done <- nil
		return done
	}
	e.taking.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		_, err := e.channel.api.OpenViewContext(ctx, h.Trigger, waitingView(windowOf(h.Trigger)))
		done <- told(err)
	})
	return done
}

// afterwards tells what the acknowledgement cannot: a window that did not open, a
// click that was not stored.
func (e *Ears) afterwards(ctx context.Context, h heard, opened error, stored bool) {
	text := ""
	switch {
	case !stored && opensWindow(h) && opened == nil:
		e.logClosed(e.showIn(ctx, windowOf(h.Trigger), sayingView(notRecorded)))
		return
	case !stored && (h.Type == "block_actions" || h.Kind == kindCommand && opensWindow(h)):
		text = notRecorded // a command without a window is told with the acknowledgement
	case stored && opened != nil:
		e.log.Warn("a window did not open", "error", opened)
		text = "The window did not open in time. Please press again."
	default:
		return
	}
	if err := e.channel.respond(ctx, h.Respond, response{Text: text}); err != nil {
		e.log.Warn("somebody was not told to press again", "error", err)
	}
}

// notStored is the answer to what could not be kept: none to an event or a click,
// so that Slack tries again or shows that it failed.
func notStored(h heard) taken {
	switch {
	case h.Kind == kindCommand && !opensWindow(h):
		return taken{ok: true, answer: response{Kind: "ephemeral", Text: notRecorded}}
	case h.Kind == kindCommand:
		return taken{ok: true} // the window says it
	case h.Type == "view_submission" && h.View != nil && h.View.firstInput() != "":
		return taken{ok: true, answer: map[string]any{"response_action": "errors", "errors": map[string]string{h.View.firstInput(): notRecorded}}}
	}
	return taken{}
}

// waitingFor is the answer to what was stored: a submitted window stays open until
// the lane's owner has decided. It takes another name with it, so that the owner, who
// may be quicker than this answer, fills it only when Slack has taken the answer: else
// "one moment" would be put over what the owner shows, and stay.
func waitingFor(h heard) any {
	if h.Type != "view_submission" || h.View == nil {
		return nil
	}
	return map[string]any{"response_action": "update", "view": waitingView(answeredWindow(h))}
}

// otherWorkspace reports whether the person is of another workspace than ours, as
// guests of shared channels are.
func (h heard) otherWorkspace(team string) bool {
	other := func(t string) bool { return t != "" && t != team }
	return h.Kind != kindEvent && (other(h.workspace()) || other(h.Team.ID)) || h.Kind == kindEvent && other(h.TeamID)
}

func elsewhere(h heard) any {
	if h.Kind != kindCommand {
		return nil
	}
	return response{Kind: "ephemeral", Text: "Only members of our own workspace can use this here."}
}
