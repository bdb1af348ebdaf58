package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// Doctor says where the desk is, whether passkeys can be made there, and whether the
// single sign-on answers for the issuer that is set.
func TestDoctorLooksAtTheDesk(t *testing.T) {
	t.Parallel()
	var provider *httptest.Server
	provider = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/.well-known/openid-configuration" {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"issuer": "` + provider.URL + `", "authorization_endpoint": "` + provider.URL + `/a", "token_endpoint": "` + provider.URL + `/t", "jwks_uri": "` + provider.URL + `/k"}`))
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(provider.Close)
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"this machine", nil, "http://localhost:8080/desk/; passkeys can be made there"},
		{"https", []string{"--public-url", "https://arifa.example.go.ke"}, "https://arifa.example.go.ke/desk/; passkeys"},
		{"no TLS", []string{"--public-url", "http://arifa.example.go.ke"}, "no passkeys there"},
		{"a single sign-on", []string{"--oidc-issuer", provider.URL, "--oidc-client-id", "arifa", "--oidc-client-secret", "hidden-from-all"}, "answers; the redirect address to enter there is http://localhost:8080/desk/sso/back"},
		{"nobody there", []string{"--oidc-issuer", "http://127.0.0.1:1", "--oidc-client-id", "arifa"}, "the single sign-on cannot be used"},
		{"another issuer", []string{"--oidc-issuer", provider.URL + "/", "--oidc-client-id", "arifa"}, "the single sign-on cannot be used"},
	} {
		code, out, errs := cmd(t, "", append([]string{"doctor", "--database", filepath.Join(t.TempDir(), "none.db")}, c.args...)...)
		if code != exitNo || !strings.Contains(strings.Join(strings.Fields(out), " "), c.says) || strings.Contains(out+errs, "hidden-from-all") {
			t.Errorf("%s: exit %d, want %q in\n%s%s", c.name, code, c.says, out, errs)
		}
	}
}
