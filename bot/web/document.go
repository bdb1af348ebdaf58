package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Document is one answer, the same for everybody who asks for its path, ready to be
// written as it is: with its digest, and packed.
type Document struct {
	Status int
	Kind   string // media type
	Age    string // Cache-Control
	Open   bool   // scripts of other hosts may read it (CORS)
	Body   []byte
	etag   string
	once   sync.Once
	ready  ready
	packed *ready // gzip; nil where that is not smaller
}

// ready is a body with its headers, made once: in a row, for walking a map costs more
// than writing it.
type ready struct {
	body   []byte
	header []field
}

type field struct {
	key   string
	value []string
}

func fieldsOf(h map[string][]string) []field {
	out := make([]field, 0, len(h))
	for _, key := range slices.Sorted(maps.Keys(h)) {
		out = append(out, field{key, h[key]})
	}
	return out
}

// How long others may keep an answer: what is announced is asked for again at once,
// and shown a little longer only while we cannot be reached. The page says of which
// minute it is.
const (
	AgeLive  = "public, max-age=0, s-maxage=1, stale-while-revalidate=2, stale-if-error=3600"
	AgeAsset = "public, max-age=31536000, immutable"
	AgeDay   = "public, max-age=86400"
	AgeNone  = "no-store"
)

// NewDocument makes the digest of a body; it is packed once, when first somebody
// asks for it who can unpack.
func NewDocument(status int, kind, age string, body []byte) *Document {
	sum := sha256.Sum256(body)
	return &Document{Status: status, Kind: kind, Age: age, Body: body, etag: `W/"` + hex.EncodeToString(sum[:10]) + `"`}
}

// prepare makes the headers and packs the body.
func (d *Document) prepare() {
	common := map[string][]string{"Cache-Control": {d.Age}, "Etag": {d.etag}, "Vary": {"Accept-Encoding"}, "Content-Type": {d.Kind}}
	if d.Open {
		common["Access-Control-Allow-Origin"] = []string{"*"}
		common["Cross-Origin-Resource-Policy"] = []string{"cross-origin"}
	}
	whole := maps.Clone(common)
	whole["Content-Length"] = []string{strconv.Itoa(len(d.Body))}
	d.ready = ready{d.Body, fieldsOf(whole)}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a level that exists
	_, _ = z.Write(d.Body)                                // a buffer takes everything
	if _ = z.Close(); b.Len() < len(d.Body) {
		common["Content-Length"] = []string{strconv.Itoa(b.Len())}
		common["Content-Encoding"] = []string{"gzip"}
		d.packed = &ready{b.Bytes(), fieldsOf(common)}
	}
}

// Write answers with a document: 304 to who has it, packed to who can unpack.
func (d *Document) Write(w http.ResponseWriter, r *http.Request) {
	d.once.Do(d.prepare)
	h, out := w.Header(), &d.ready
	if d.packed != nil && unpacks(r.Header["Accept-Encoding"]) {
		out = d.packed
	}
	for _, f := range out.header {
		h[f.key] = f.value
	}
	if d.Status == http.StatusOK && has(r.Header["If-None-Match"], d.etag) {
		for _, of := range []string{"Content-Type", "Content-Length", "Content-Encoding"} {
			delete(h, of)
		}
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.WriteHeader(d.Status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(out.body) // who does not read our answer any more is no error of ours
	}
}

// has compares weakly, as a cache does.
func has(lines []string, etag string) bool {
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(etag, "W/") {
				return true
			}
		}
	}
	return false
}

// unpacks reports whether a client takes gzip.
func unpacks(lines []string) bool {
	for _, line := range lines {
		for one := range strings.SplitSeq(line, ",") {
			name, parameters, _ := strings.Cut(strings.TrimSpace(one), ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				q := strings.ReplaceAll(parameters, " ", "")
				return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
			}
		}
	}
	return false
}
