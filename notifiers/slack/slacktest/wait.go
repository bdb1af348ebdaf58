package slacktest

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// wait calls look, with Server.mu held, at every change until it is content.
func (s *Server) wait(ctx context.Context, what string, look func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := look(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("slacktest: %s: %w", what, ctx.Err())
		case <-s.base.Done():
			return fmt.Errorf("slacktest: %s: the server is closed", what)
		}
	}
}

// Messages are the kept messages of a channel or, by a person's id, of the direct
// message with the bot, oldest first.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messagesOf(channel)
}

func (s *Server) messagesOf(id string) (out []Message) {
	c := s.channels[id]
	if strings.HasPrefix(id, "U") {
		c = s.ims[id]
	}
	if c == nil {
		return nil
	}
	for _, m := range c.messages {
		out = append(out, m.open(c))
	}
	return out
}

// WaitFor returns the newest message of the bot in a channel, or in a person's
// direct message, that fits, as soon as there is one.
func (s *Server) WaitFor(ctx context.Context, channel string, fits func(Message) bool) (Message, error) {
	var out Message
	err := s.wait(ctx, "no such message in "+channel, func() bool {
		all := s.messagesOf(channel)
		for _, m := range slices.Backward(all) {
			if m.User == BotUser && fits(m) {
				out = m
				return true
			}
		}
		return false
	})
	return out, err
}

// WaitEphemeral returns the newest ephemeral message to a person that fits.
func (s *Server) WaitEphemeral(ctx context.Context, person string, fits func(Message) bool) (Message, error) {
	var out Message
	err := s.wait(ctx, "no such ephemeral message to "+person, func() bool {
		for _, m := range slices.Backward(s.ephemerals[person]) {
			if fits(m) {
				out = m
				return true
			}
		}
		return false
	})
	return out, err
}

// Ephemerals are all that a person was shown, oldest first.
func (s *Server) Ephemerals(person string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ephemerals[person])
}

// WaitModal returns the open modal of a person once it fits.
func (s *Server) WaitModal(ctx context.Context, person string, fits func(View) bool) (View, error) {
	var out View
	err := s.wait(ctx, "no such modal of "+person, func() bool {
		v, open := s.modal(person)
		out = v
		return open && fits(v)
	})
	return out, err
}

// WaitHome returns the App Home of a person once it fits.
func (s *Server) WaitHome(ctx context.Context, person string, fits func(View) bool) (View, error) {
	var out View
	err := s.wait(ctx, "no such home of "+person, func() bool {
		if v := s.homes[person]; v != nil {
			out = v.open()
			return fits(out)
		}
		return false
	})
	return out, err
}

// WaitSockets returns once so many connections are open.
func (s *Server) WaitSockets(ctx context.Context, n int) error {
	return s.wait(ctx, "no such number of sockets", func() bool { return len(s.sockets.open) >= n })
}
