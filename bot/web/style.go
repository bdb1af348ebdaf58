package web

import _ "embed"

// style is the sheet that all pages share: colours in light and dark, type, header,
// forms, badges. A page with more to show adds a sheet of its own.
//
//go:embed style.css
var style []byte
