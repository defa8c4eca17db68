package httpapi

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/throttle"
)

// Deps is what HTTP APIs need from outside.
type Deps struct {
	Lambda integration.LambdaInvoker
	// Backends calls HTTP backends. It is shared by all stages: its connections
	// outlive them.
	Backends *integration.Backends
	// Services calls the AWS services of service integrations; the zero value reaches
	// none.
	Services integration.AWSServices
	// PrivateTarget finds where the listener or service behind a VPC link is
	// reached locally: a base URL without a path. Nil: none is configured.
	PrivateTarget func(arn, vpcLinkID string) (baseURL string, ok bool)
	// Keys holds the signing keys of token issuers; nil means keys of its own.
	Keys *auth.KeySets
	// Accounts holds the limits that the APIs of an account share; nil: none.
	Accounts *throttle.Accounts
	// AccessKeys finds the access keys of signed requests; nil: none is known.
	AccessKeys auth.KeyLookup
	Now        func() time.Time
	Logger     *slog.Logger
}

// Type is the HTTP APIs' part of the gateway.
type Type struct {
	deps    Deps
	buckets *throttle.Buckets
	results *auth.Cache
}

// New makes the type.
func New(deps Deps) *Type {
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	if deps.Backends == nil {
		deps.Backends = integration.NewBackends()
	}
	if deps.Keys == nil {
		deps.Keys = auth.NewKeySets(nil, deps.Now)
	}
	return &Type{deps: deps, buckets: throttle.New(deps.Now), results: auth.NewCache(deps.Now)}
}

// ResetAuthorizers forgets what Lambda authorizers said for a stage.
func (t *Type) ResetAuthorizers(apiID, stage string) { t.results.Reset(apiID, stage) }

// Reset forgets what authorizers said and the keys of issuers.
func (t *Type) Reset() {
	t.results.ResetAll()
	t.deps.Keys.Reset()
}

// SelectStage takes the first path part for the stage's name if there is such a
// stage, else the whole path is for $default.
func (t *Type) SelectStage(path string, published func(string) bool) (stage, rest string, ok bool) {
	first, rest, found := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if first != "" && first != defaultKey && published(first) {
		if !found || rest == "" {
			return first, "/", true
		}
		return first, "/" + rest, true
	}
	return defaultKey, path, published(defaultKey)
}

// Begin gives the request its ids.
func (t *Type) Begin(rc *reqcontext.Context) {
	rc.RequestID = newRequestID()
	rc.ExtendedRequestID = rc.RequestID
	rc.TraceID = traceID(rc)
}

// Refuse answers 404, as an HTTP API does for a missing stage and for a disabled
// default endpoint alike.
func (t *Type) Refuse(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context) {
	write(w, r, rc, errorResponse(rc, gwerr.New(gwerr.ResourceNotFound, nil)))
}

// newRequestID makes an id of AWS's form: 15 characters of base64url and one '='.
func newRequestID() string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], rand.Uint64())
	binary.LittleEndian.PutUint64(b[8:], rand.Uint64())
	var s [16]byte
	base64.URLEncoding.Encode(s[:], b[:11])
	return string(s[:])
}

// traceID is the X-Amzn-Trace-Id that goes on: Root=1-{time}-{24 hex}. A client's
// own header stays, the request's id before it as Self.
func traceID(rc *reqcontext.Context) string {
	var b [16]byte
	binary.BigEndian.PutUint32(b[:], uint32(rc.Start.Unix()))
	binary.LittleEndian.PutUint64(b[4:], rand.Uint64())
	binary.LittleEndian.PutUint32(b[12:], rand.Uint32())
	id := make([]byte, 0, 48) // on the stack
	id = append(hex.AppendEncode(append(id, "Root=1-"...), b[:4]), '-')
	id = hex.AppendEncode(id, b[4:])
	if client := rc.Header.Get("X-Amzn-Trace-Id"); client != "" {
		return "Self" + string(id[len("Root"):]) + ";" + client
	}
	return string(id)
}
