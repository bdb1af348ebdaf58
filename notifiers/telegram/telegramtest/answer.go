package telegramtest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// apiError is an answer with ok:false.
type apiError struct {
	code       int
	text       string // the description, with its class ("Bad Request: …")
	retryAfter int    // whole seconds, for 429
	migrateTo  int64
}

func badRequest(text string) *apiError {
	return &apiError{code: http.StatusBadRequest, text: "Bad Request: " + text}
}

func forbidden(text string) *apiError {
	return &apiError{code: http.StatusForbidden, text: "Forbidden: " + text}
}

func notFound() *apiError { return &apiError{code: http.StatusNotFound, text: "Not Found"} }

func conflict(text string) *apiError {
	return &apiError{code: http.StatusConflict, text: "Conflict: " + text}
}

func tooMany(seconds int) *apiError {
	return &apiError{
		code: http.StatusTooManyRequests, retryAfter: seconds,
		text: "Too Many Requests: retry after " + strconv.Itoa(seconds),
	}
}

type errorParameters struct {
	RetryAfter int   `json:"retry_after,omitempty"`
	MigrateTo  int64 `json:"migrate_to_chat_id,omitempty"`
}

func writeError(w http.ResponseWriter, e *apiError) {
	var more *errorParameters
	if e.retryAfter != 0 || e.migrateTo != 0 {
		more = &errorParameters{RetryAfter: e.retryAfter, MigrateTo: e.migrateTo}
	}
	body, _ := json.Marshal(struct {
		OK         bool             `json:"ok"`
		Code       int              `json:"error_code"`
		Text       string           `json:"description"`
		Parameters *errorParameters `json:"parameters,omitempty"`
	}{false, e.code, e.text, more})
	if e.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.retryAfter))
	}
	writeJSON(w, e.code, body)
}

func writeJSON(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body)
}

// writeHTML is what a proxy in front of the real server says when it has trouble.
func writeHTML(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusBadGateway)
	_, _ = w.Write([]byte("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" +
		"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"))
}

// control serves what a verdict in another process needs.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	switch strings.TrimSuffix(r.URL.Path, "/") {
	case "/ledger":
		after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
		w.Header().Set("Content-Type", "application/x-ndjson")
		_ = s.writeLedger(w, after)
	case "/violations":
		writeControl(w, s.Violations())
	case "/stats":
		writeControl(w, s.Stats())
	default:
		writeError(w, notFound())
	}
}

func writeControl(w http.ResponseWriter, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, http.StatusOK, body)
}
