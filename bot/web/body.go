package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"time"
)

// Body reads a request's body: at most most bytes (else 413), within the time
// (else 408), whatever the client claims its length to be.
func Body(w http.ResponseWriter, r *http.Request, most int64, within time.Duration) ([]byte, error) {
	if r.ContentLength > most {
		return nil, &http.MaxBytesError{Limit: most}
	}
	connection := http.NewResponseController(w)
	// A deadline that is over breaks the reading off. It is set only then: one that
	// stayed would end the handler's own work later.
	late := time.AfterFunc(within, func() { _ = connection.SetReadDeadline(time.Unix(1, 0)) })
	defer late.Stop()
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return b, nil
	case errors.As(err, &large):
		return nil, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, Refuse(http.StatusRequestTimeout, "The body came too slowly: it has %s.", within)
	}
	// The client broke off, or sent no proper request. What lies behind it names
	// its address, so it goes no further.
	return nil, Refuse(http.StatusBadRequest, "The body could not be read.")
}

// MediaType is the type of the body, in lower case and without parameters; "" where
// none is given.
func MediaType(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}
