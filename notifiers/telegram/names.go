package telegram

import (
	"strings"
)

// named finds our own @name in a text and takes it out: "/status@ArifaBot kra" and
// "@ArifaBot kra". The library's matcher cuts texts by byte at offsets that count
// UTF-16 units, and never sees "/start@bot"; so the text itself is read here.
func named(text, username string) (rest string, ours bool) {
	if username == "" {
		return text, false
	}
	for from := 0; ; {
		i := strings.IndexByte(text[from:], '@')
		if i < 0 {
			return text, false
		}
		i += from
		end := i + 1 + len(username)
		if end <= len(text) && strings.EqualFold(text[i+1:end], username) && !wordAt(text, end) && (inCommand(text, i) || !wordAt(text, i-1)) {
			if rest = strings.TrimSpace(text[:i] + text[end:]); strings.Trim(rest, " ,:;") == "" {
				return text, true // our name alone asks about the account
			}
			return strings.TrimLeft(rest, " ,:;"), true
		}
		from = i + 1
	}
}

// toAnother reports whether a text is a command for another bot.
func toAnother(text, username string) bool {
	head, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	_, to, said := strings.Cut(head, "@")
	return strings.HasPrefix(head, "/") && said && username != "" && !strings.EqualFold(to, username)
}

// inCommand reports whether the byte at i belongs to the command that text is.
func inCommand(text string, i int) bool {
	return strings.HasPrefix(text, "/") && !strings.ContainsAny(text[:i], " \n\t")
}

func wordAt(text string, i int) bool {
	return i >= 0 && i < len(text) && (text[i] == '_' || strings.IndexByte(payloadLetters[:62], text[i]) >= 0)
}

// payloadLetters of a deep link; at most 64 (core.telegram.org/bots/features#deep-linking).
const payloadLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

func isPayload(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, payloadLetters) == ""
}

// startPayload splits "/start payload"; anything else is left as it is.
func startPayload(text string) (payload, rest string) {
	head, arg, _ := strings.Cut(text, " ")
	if arg = strings.TrimSpace(arg); !strings.EqualFold(head, "/start") || !isPayload(arg) {
		return "", text
	}
	return arg, ""
}

// DeepLink is the address that opens the bot's chat, and hands payload to it when
// Start is pressed: a service id, "agency-kra", "platform-mpesa" or
// "notice-2025-0103-1". A payload that Telegram does not carry is left out, so that
// the link opens the chat all the same. username is without "@".
func DeepLink(username, payload string) string {
	link := "https://t.me/" + strings.TrimPrefix(username, "@")
	if isPayload(payload) {
		link += "?start=" + payload
	}
	return link
}
