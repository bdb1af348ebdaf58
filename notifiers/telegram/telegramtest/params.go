package telegramtest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// params are a call's parameters as text, whatever way they came: the real server
// reads a JSON body the same way, numbers as digits and objects as JSON.
type params []param

type param struct{ key, value string }

func (p params) text(key string) string {
	value, _ := p.lookup(key)
	return value
}

func (p params) lookup(key string) (string, bool) {
	for _, one := range p {
		if one.key == key {
			return one.value, true
		}
	}
	return "", false
}

// number reads an integer; anything else is 0, as at the real server.
func (p params) number(key string) int64 {
	n, err := strconv.ParseInt(p.text(key), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (p params) flag(key string) bool {
	switch strings.ToLower(p.text(key)) {
	case "true", "yes", "1":
		return true
	}
	return false
}

func readParams(w http.ResponseWriter, r *http.Request, limit int64) (params, *apiError) {
	var all params
	if r.URL.RawQuery != "" {
		all = appendValues(all, r.URL.Query())
	}
	if r.Method == http.MethodPost {
		body := http.MaxBytesReader(w, r.Body, limit)
		posted, err := readBody(r, body)
		if err == nil {
			// Only after its last byte does net/http notice that a client went away.
			_, err = io.Copy(io.Discard, body)
		}
		var tooLong *http.MaxBytesError
		if errors.As(err, &tooLong) {
			return nil, &apiError{code: http.StatusRequestEntityTooLarge, text: "Request Entity Too Large"}
		}
		if err != nil {
			return nil, badRequest(err.Error())
		}
		all = append(all, posted...)
	} else if r.Method != http.MethodGet {
		return nil, &apiError{code: http.StatusMethodNotAllowed, text: "Method Not Allowed"}
	}
	for _, one := range all {
		if !utf8.ValidString(one.value) {
			return nil, badRequest("strings must be encoded in UTF-8")
		}
	}
	return all, nil
}

func readBody(r *http.Request, body io.Reader) (params, error) {
	kind, more := r.Header.Get("Content-Type"), map[string]string(nil)
	if kind != "application/json" && kind != "" {
		var err error
		if kind, more, err = mime.ParseMediaType(kind); err != nil {
			return nil, errors.New("can't parse the content type")
		}
	}
	if kind == "multipart/form-data" {
		return readForm(multipart.NewReader(body, more["boundary"]))
	}
	raw, err := readWhole(body, r.ContentLength)
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	switch kind {
	case "application/json":
		return readObject(raw)
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, errors.New("can't parse the form")
		}
		return appendValues(nil, values), nil
	}
	return nil, errors.New("unsupported content type " + strconv.Quote(kind))
}

// readWhole reads a body into a slice of its announced length at once, where that
// length is small enough to be believed.
func readWhole(body io.Reader, length int64) ([]byte, error) {
	if length < 0 || length > 1<<20 {
		return io.ReadAll(body)
	}
	raw := make([]byte, length)
	n, err := io.ReadFull(body, raw)
	return raw[:n], err
}

// readForm reads a multipart form. The library ends the body of a call without
// parameters before the first boundary; that is an empty form.
func readForm(form *multipart.Reader) (params, error) {
	var all params
	for {
		part, err := form.NextPart()
		if err == io.EOF || errors.Is(err, io.EOF) && len(all) == 0 {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, err
		}
		all = append(all, param{part.FormName(), string(value)})
	}
}

func appendValues(all params, values url.Values) params {
	for key, list := range values {
		if len(list) > 0 {
			all = append(all, param{key, list[0]})
		}
	}
	return all
}
