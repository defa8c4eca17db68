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
	authorizePath = Path + "/authorize"
	signInPath    = Path + "/signin"
	signOutPath   = Path + "/signout"
	userInfoPath  = Path + "/userinfo"
	revokePath    = Path + "/revoke"
	rotatePath    = Path + "/rotate"
	// TokenPath is the token endpoint's.
	TokenPath = Path + "/token"
)

// Issuer issues tokens. It is safe for concurrent use.
type Issuer struct {
	keys   keys
	grants grants
	now    func() time.Time
	mux    http.ServeMux
}

// New makes an issuer that keeps its keys in dir; with dir "" they live as long as the
// process.
func New(dir string, now func() time.Time) *Issuer {
	i := &Issuer{keys: keys{dir: dir}, now: now}
	i.grants.reset()
	i.forScripts(discoveryPath, i.serveDiscovery, http.MethodGet)
	i.forScripts(keySetPath, i.serveKeySet, http.MethodGet)
	i.forScripts(TokenPath, i.serveToken, http.MethodPost)
	i.forScripts(userInfoPath, i.serveUserInfo, http.MethodGet, http.MethodPost)
	i.forScripts(revokePath, i.serveRevoke, http.MethodPost)
	i.mux.HandleFunc("GET "+authorizePath, i.serveAuthorize)
	i.mux.HandleFunc("POST "+authorizePath, i.serveAuthorize)
	i.mux.HandleFunc("POST "+signInPath, i.serveSignIn)
	i.mux.HandleFunc("GET "+signOutPath, i.serveSignOut)
	i.mux.HandleFunc("POST "+signOutPath, i.serveSignOut)
	i.mux.HandleFunc("POST "+rotatePath, i.serveRotate)
	return i
}

// forScripts mounts what scripts of other origins call too. Browsers ask before they
// send a token.
func (i *Issuer) forScripts(path string, serve http.HandlerFunc, methods ...string) {
	for _, method := range methods {
		i.mux.HandleFunc(method+" "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Expose-Headers", "WWW-Authenticate")
			serve(w, r)
		})
	}
	i.mux.HandleFunc("OPTIONS "+path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, *") // the star does not stand for Authorization
		w.WriteHeader(http.StatusNoContent)
	})
}

// ServeHTTP serves the issuer.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.mux.ServeHTTP(w, r) }

// Reset forgets codes and refresh tokens. Keys stay: to change them is a rotation.
func (i *Issuer) Reset() { i.grants.reset() }

// Owns tells whether a URL's path is one of an issuer's.
func Owns(path string) bool { return strings.HasPrefix(path, Path+"/") }

// name is the issuer's name as this caller reaches it: the tokens' iss. A loopback
// address is localhost, so that there is one name for all of them.
func name(r *http.Request) string { return base(r) + Path }

func base(r *http.Request) string {
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
	return scheme + "://" + host
}

func (i *Issuer) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	base := base(r)
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                     name(r),
		"authorization_endpoint":                     base + authorizePath,
		"token_endpoint":                             base + TokenPath,
		"userinfo_endpoint":                          base + userInfoPath,
		"jwks_uri":                                   base + keySetPath,
		"revocation_endpoint":                        base + revokePath,
		"end_session_endpoint":                       base + signOutPath,
		"grant_types_supported":                      []string{authorizationCode, refreshToken, clientCredentials},
		"response_types_supported":                   []string{"code"},
		"response_modes_supported":                   []string{modeQuery, modeFragment},
		"code_challenge_methods_supported":           []string{challengeS256, challengePlain},
		"prompt_values_supported":                    []string{"none", "login", "consent", "select_account"},
		"scopes_supported":                           []string{scopeOpenID, scopeProfile, scopeEmail, "offline_access"},
		"claims_supported":                           []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "name", "preferred_username", "email", "email_verified"},
		"subject_types_supported":                    []string{"public"},
		"id_token_signing_alg_values_supported":      []string{string(algorithm)},
		"token_endpoint_auth_methods_supported":      authMethods,
		"revocation_endpoint_auth_methods_supported": authMethods,
		"claims_parameter_supported":                 false,
		"request_parameter_supported":                false,
		"request_uri_parameter_supported":            false, // true where it is left out
	})
}

func (i *Issuer) serveKeySet(w http.ResponseWriter, _ *http.Request) {
	set, err := i.keys.public()
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, set)
}

// serveRotate makes a new key for the tokens to come and answers with the key set. A
// few earlier keys stay in it, so that their tokens remain good.
func (i *Issuer) serveRotate(w http.ResponseWriter, r *http.Request) {
	if err := i.keys.rotate(); err != nil {
		fail(w, err)
		return
	}
	i.serveKeySet(w, r)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is nobody's concern
}
