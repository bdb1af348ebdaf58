package web

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"html/template"
	"net/http"
)

//go:embed icon.svg
var icon []byte

// Mark is our sign, a bell that stands on a counter, in the colour of the text.
const Mark template.HTML = `<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round"><path d="M8 22V12a8 8 0 0 1 16 0v10"/><path d="M5 22h22"/></g><circle cx="16" cy="26.4" r="2.2" fill="currentColor"/></svg>`

// StylePath is where every page's style sheet stands. The name holds a digest of
// it, so that browsers may keep it for ever.
func StylePath() string { return AssetPath("style", ".css", style) }

// AssetPath names a file after what it holds: "/assets/style.ab1337ea.css".
func AssetPath(name, ext string, body []byte) string {
	sum := sha256.Sum256(body)
	return "/assets/" + name + "." + hex.EncodeToString(sum[:4]) + ext
}

// Assets are the files that every page links to, by path.
func Assets() map[string]*Document {
	return map[string]*Document{
		StylePath():    NewDocument(http.StatusOK, "text/css; charset=utf-8", AgeAsset, style),
		"/icon.svg":    NewDocument(http.StatusOK, "image/svg+xml", AgeDay, icon),
		"/favicon.ico": NewDocument(http.StatusOK, "image/svg+xml", AgeDay, icon),
	}
}
