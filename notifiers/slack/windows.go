package slack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	lib "github.com/slack-go/slack"
)

// Windows are what Slack calls modals. The receiver opens an empty one at once,
// under a name that follows from the trigger, so that the lane's owner, who may be
// another process, can fill it.

// windowOf is the name (external_id) of the window that a trigger opens.
func windowOf(trigger string) string {
	sum := sha256.Sum256([]byte("window " + trigger))
	return "w" + hex.EncodeToString(sum[:16])
}

// answeredWindow is the name that a window has from when its form was taken.
func answeredWindow(h heard) string { return windowOf(or(h.Trigger, h.View.ID+" "+h.View.Hash)) }

// openAction begins the action ids of buttons that open a window.
const openAction = "open."

// opensWindow decides by the command's first word or by the button alone: there is
// no time to ask anybody.
func opensWindow(h heard) bool {
	switch {
	case h.Kind == kindCommand:
		first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(h.Words)), " ")
		return !quietWords[first]
	case h.View != nil && h.View.Type != homeView:
		return false // it was pressed in a window
	case h.Type == "block_actions" && len(h.Actions) > 0:
		return strings.HasPrefix(h.Actions[0].Action, openAction)
	}
	return false
}

// quietWords are the first words of /arifa that are answered in words, without a
// window.
var quietWords = map[string]bool{"follow": true, "unfollow": true, "leave": true, "list": true, "link": true, "help": true, "status": true, "lock": true, "unlock": true}

const windowTitle = "Arifa"

func window(name string, blocks ...lib.Block) lib.ModalViewRequest {
	return lib.ModalViewRequest{Type: lib.VTModal, Title: plainText(windowTitle), Close: plainText("Close"), ExternalID: name, Blocks: lib.Blocks{BlockSet: blocks}}
}

// waitingView stands until the owner has something to show.
func waitingView(name string) lib.ModalViewRequest {
	v := window(name, lib.NewSectionBlock(plainText("One moment…"), nil, nil))
	v.CallbackID = "wait"
	return v
}

// sayingView says one thing.
func sayingView(text string) lib.ModalViewRequest {
	return window("", sections(strings.Split(text, "\n"))...)
}

// errNoWindow: the window was closed, or never opened.
var errNoWindow = errors.New("slack: the window is closed")

// showIn fills a window by its name. The owner may be quicker than the receiver
// whose views.open is still under way: it waits for that.
func (e *Ears) showIn(ctx context.Context, name string, v lib.ModalViewRequest) error {
	v.ExternalID = name
	return e.filling(ctx, func(ctx context.Context) error {
		_, err := e.channel.api.UpdateViewContext(ctx, v, name, "", "")
		return told(err)
	})
}

// show fills a window by its id.
func (e *Ears) show(ctx context.Context, id string, v lib.ModalViewRequest) error {
	_, err := e.channel.api.UpdateViewContext(ctx, v, "", "", id)
	return noWindow(told(err))
}

func (e *Ears) filling(ctx context.Context, fill func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, e.pauses.modal)
	defer cancel()
	for {
		err := noWindow(fill(ctx))
		if !errors.Is(err, errNoWindow) || !pause(ctx, 50*time.Millisecond) {
			return err
		}
	}
}

func noWindow(err error) error {
	var r *refusal
	if errors.As(err, &r) && r.code == "not_found" {
		return errNoWindow
	}
	return err
}
