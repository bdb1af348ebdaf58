package web

import _ "embed"

//go:embed style.css
var style []byte

// Style is the style sheet that all pages share: colours in light and dark, type,
// header, forms, badges. A page with more to show adds a sheet of its own.
func Style() []byte { return style }
