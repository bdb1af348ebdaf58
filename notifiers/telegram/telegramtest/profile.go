package telegramtest

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

const maxCommands = 100

var (
	commandShape  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	languageShape = regexp.MustCompile(`^([a-z]{2})?$`)
)

// Command is one line of the menu of commands.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// profile is what BotFather and the setMy methods set.
type profile struct {
	commands map[string][]Command // scope + " " + language
	texts    map[string]string    // name, description, short_description + " " + language
}

func newProfile() profile {
	return profile{commands: map[string][]Command{}, texts: map[string]string{}}
}

// Commands are those set for a scope ("default", "all_private_chats", … or
// "chat:<id>") and a two-letter language or "".
func (s *Server) Commands(scope, language string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile.commands[scope+" "+language]
}

// ProfileText is the "name", "description" or "short_description" set for a
// two-letter language or "".
func (s *Server) ProfileText(what, language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile.texts[what+" "+language]
}

func (s *Server) setMyCommands(r *request) (any, *apiError) {
	var list []Command
	if err := json.Unmarshal([]byte(r.params.text("commands")), &list); err != nil {
		return nil, badRequest("can't parse commands specified: " + err.Error())
	}
	if len(list) > maxCommands {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, one := range list {
		if !commandShape.MatchString(one.Command) {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(one.Description); n < 1 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, bad := s.commandKey(r.params)
	if bad != nil {
		return nil, bad
	}
	s.profile.commands[key] = list
	return true, nil
}

func (s *Server) getMyCommands(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, bad := s.commandKey(r.params)
	if bad != nil {
		return nil, bad
	}
	return append([]Command{}, s.profile.commands[key]...), nil
}

func (s *Server) deleteMyCommands(r *request) (any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, bad := s.commandKey(r.params)
	if bad != nil {
		return nil, bad
	}
	delete(s.profile.commands, key)
	return true, nil
}

// commandKey reads scope and language_code; s.mu is held.
func (s *Server) commandKey(p params) (string, *apiError) {
	language, bad := readLanguage(p)
	if bad != nil {
		return "", bad
	}
	scope := struct {
		Type string          `json:"type"`
		Chat json.RawMessage `json:"chat_id"`
		User int64           `json:"user_id"`
	}{Type: "default"}
	if text := p.text("scope"); text != "" && (!isObject(text) || json.Unmarshal([]byte(text), &scope) != nil) {
		return "", badRequest("can't parse BotCommandScope: Object expected")
	}
	switch scope.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return scope.Type + " " + language, nil
	case "chat", "chat_administrators", "chat_member":
		c, bad := s.findChat(strings.Trim(string(scope.Chat), `"`))
		if bad != nil {
			return "", bad
		}
		key := scope.Type + ":" + itoa(c.id)
		if scope.Type == "chat_member" {
			key += ":" + itoa(scope.User)
		}
		return key + " " + language, nil
	}
	return "", badRequest("can't parse BotCommandScope: Unsupported type specified")
}

func readLanguage(p params) (string, *apiError) {
	language := p.text("language_code")
	if !languageShape.MatchString(language) {
		return "", badRequest("invalid language code specified")
	}
	return language, nil
}

// setText makes setMyName and its like; an empty text removes.
func setText(what string, most int) method {
	return func(s *Server, r *request) (any, *apiError) {
		language, bad := readLanguage(r.params)
		if bad != nil {
			return nil, bad
		}
		text := r.params.text(what)
		if utf8.RuneCountInString(text) > most {
			return nil, badRequest("bot " + what + " is too long")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.profile.texts[what+" "+language] = text
		return true, nil
	}
}

func getText(what string) method {
	return func(s *Server, r *request) (any, *apiError) {
		language, bad := readLanguage(r.params)
		if bad != nil {
			return nil, bad
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		text := s.profile.texts[what+" "+language]
		if text == "" {
			text = s.profile.texts[what+" "]
		}
		return map[string]string{what: text}, nil
	}
}
