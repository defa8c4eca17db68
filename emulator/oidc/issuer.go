package oidc

import (
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Path is where the issuer is mounted.
const Path = "/_postern/oidc"

// Places below Path.
const (
	discoveryPath = Path + "/.well-known/openid-configuration"
	keySetPath    = Path + "/jwks.json"
	// TokenPath is the token endpoint's.
	TokenPath = Path + "/token"
)

// Issuer issues tokens. It is safe for concurrent use.
type Issuer struct {
	keys keys
	now  func() time.Time
	mux  http.ServeMux
}

// New makes an issuer that keeps its key in dir; with dir "" the key lives as long as
// the process.
func New(dir string, now func() time.Time) *Issuer {
	i := &Issuer{keys: keys{dir: dir}, now: now}
	i.mux.HandleFunc("GET "+discoveryPath, i.serveDiscovery)
	i.mux.HandleFunc("GET "+keySetPath, i.serveKeySet)
	i.mux.HandleFunc("POST "+TokenPath, i.serveToken)
	return i
}

// ServeHTTP serves the issuer.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.mux.ServeHTTP(w, r) }

// Owns tells whether a URL's path is one of an issuer's.
func Owns(path string) bool { return strings.HasPrefix(path, Path+"/") }

// name is the issuer's name as this caller reaches it: the tokens' iss. A loopback
// address is localhost, so that there is one name for all of them.
func name(r *http.Request) string {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	address, port, err := net.SplitHostPort(host)
	if err != nil {
		address, port = host, ""
	}
	if ip, err := netip.ParseAddr(strings.Trim(address, "[]")); err == nil && ip.IsLoopback() {
		if host = "localhost"; port != "" {
			host = net.JoinHostPort(host, port)
		}
	}
	return scheme + "://" + host + Path
}

func (i *Issuer) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	base := strings.TrimSuffix(name(r), Path)
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                name(r),
		"jwks_uri":                              base + keySetPath,
		"token_endpoint":                        base + TokenPath,
		"grant_types_supported":                 []string{clientCredentials},
		"response_types_supported":              []string{"token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{string(algorithm)},
		"token_endpoint_auth_methods_supported": []string{"none", "client_secret_basic", "client_secret_post"},
	})
}

func (i *Issuer) serveKeySet(w http.ResponseWriter, _ *http.Request) {
	set, err := i.keys.public()
	if err != nil {
		fail(w, http.StatusInternalServerError, "server_error", err.Error())
		return
	}
	answer(w, http.StatusOK, set)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is nobody's concern
}

// fail answers with an error of OAuth 2.0.
func fail(w http.ResponseWriter, status int, code, description string) {
	answer(w, status, map[string]string{"error": code, "error_description": description})
}
