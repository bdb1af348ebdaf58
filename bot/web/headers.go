package web

import "net/http"

// PagePolicy is the content security policy of every answer: what a page needs
// comes from ourselves, as files. Nothing inline runs, nothing may frame us, no
// form goes elsewhere. A page that needs more sets its own header, and says why.
const PagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// fixed are the headers of every answer, made once: they are the same for all.
func fixed(https bool) map[string][]string {
	h := http.Header{}
	h.Set("Content-Security-Policy", PagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if https {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return h
}

func (x *Web) headers(h http.Header) {
	for _, f := range x.fixed {
		h[f.key] = f.value // nobody changes a value in its place: Set puts another, Add copies
	}
}
