package rest

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/postern/postern/runtime"
	auth "github.com/postern/postern/runtime/authorizer"
	"github.com/postern/postern/runtime/cache"
	"github.com/postern/postern/runtime/execlog"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
	"github.com/postern/postern/runtime/throttle"
)

// Deps is what REST APIs need from outside.
type Deps struct {
	Lambda integration.LambdaInvoker
	// Backends calls HTTP backends. It is shared by all stages: its connections
	// outlive them.
	Backends *integration.Backends
	// Services calls AWS services other than functions; the zero value reaches none.
	Services integration.AWSServices
	// PrivateTarget finds where the load balancer behind a VPC link is reached
	// locally, by its ARN or host or by the link: a base URL. Nil: integrations
	// lead to their own address.
	PrivateTarget func(arnOrHost, vpcLinkID string) (baseURL string, ok bool)
	// VPCLink tells whether an account has a VPC link in a region; it is asked for
	// links without a target, at each request. Nil: every link is there.
	VPCLink func(account, region, id string) bool
	// Usage knows API keys and usage plans; nil: no key is known.
	Usage Usage
	// Accounts holds the limits that the APIs of an account share; nil: none.
	Accounts *throttle.Accounts
	// Keys holds the signing keys of user pools; nil means keys of its own.
	Keys *auth.KeySets
	// AccessKeys finds the access keys of signed requests; nil: none is known.
	AccessKeys auth.KeyLookup
	// ExecutionLogs takes the logs of methods whose stages want them; nil: nobody
	// reads them.
	ExecutionLogs execlog.Writer
	Now           func() time.Time
	Logger        *slog.Logger
}

// Usage judges and counts API keys.
type Usage interface {
	// Use takes one request of a key's allowance on a stage, for the method
	// "{resource path}/{VERB}", or refuses it with a *gwerr.Error.
	Use(value, api, stage, method string) (keyID string, err error)
	// KeyID finds the id of a key that a stage takes, without using it; "": none.
	KeyID(value, api, stage string) string
}

// Type is the REST APIs' part of the gateway.
type Type struct {
	deps     Deps
	buckets  *throttle.Buckets
	results  *auth.Cache
	clusters *cache.Clusters
}

var _ runtime.APIType = (*Type)(nil)

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
	return &Type{deps: deps, buckets: throttle.New(deps.Now), results: auth.NewCache(deps.Now), clusters: cache.New(deps.Now)}
}

// SelectStage takes the first path part for the stage's name.
//
// AWS: any number of slashes may stand before it.
func (t *Type) SelectStage(path string, published func(string) bool) (stage, rest string, ok bool) {
	path = strings.TrimLeft(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		path, rest = path[:i], path[i:]
	}
	return path, rest, path != "" && published(path)
}

// Begin gives the request its ids.
func (t *Type) Begin(rc *reqcontext.Context) {
	rc.RequestID = newUUID()
	rc.ExtendedRequestID = newExtendedID()
	rc.TraceID = traceID(rc)
	rc.Semicolons = true
}

// Refuse answers 403 Forbidden, as a REST API does for a missing stage and for a
// disabled default endpoint. No deployment is chosen at that point: gateway
// responses do not apply.
func (t *Type) Refuse(w http.ResponseWriter, r *http.Request, rc *reqcontext.Context) {
	err := &gwerr.Error{Type: gwerr.ResourceNotFound, Status: http.StatusForbidden, Message: "Forbidden"}
	write(w, r, rc, defaultGatewayResponses.render(&call{rc: rc, r: r}, err))
}

func randomBytes(b []byte) {
	var word [8]byte
	for len(b) > 0 {
		binary.LittleEndian.PutUint64(word[:], rand.Uint64())
		b = b[copy(b, word[:]):]
	}
}

func newUUID() string {
	var b [16]byte
	randomBytes(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var s [36]byte
	hex.Encode(s[:8], b[:4])
	hex.Encode(s[9:13], b[4:6])
	hex.Encode(s[14:18], b[6:8])
	hex.Encode(s[19:23], b[8:10])
	hex.Encode(s[24:], b[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

// newExtendedID makes an id of AWS's form: 15 characters of base64 and one '='.
func newExtendedID() string {
	var b [11]byte
	randomBytes(b[:])
	var s [16]byte
	base64.URLEncoding.Encode(s[:], b[:])
	return string(s[:])
}

// traceID is the X-Amzn-Trace-Id that goes on. AWS: a client's Root, Parent and
// Sampled are kept, a missing Parent is made up.
func traceID(rc *reqcontext.Context) string {
	var b [24]byte
	randomBytes(b[:])
	var h [48]byte
	hex.Encode(h[:], b[:])
	parent := h[32:]
	if client := rc.Header.Get("X-Amzn-Trace-Id"); strings.Contains(client, "Root=") {
		if !strings.Contains(client, "Parent=") {
			client += ";Parent=" + string(parent)
		}
		if !strings.Contains(client, "Sampled=") {
			client += ";Sampled=0"
		}
		return client
	}
	var seconds [4]byte
	binary.BigEndian.PutUint32(seconds[:], uint32(rc.Start.Unix()))
	id := make([]byte, 0, 80) // on the stack
	id = append(hex.AppendEncode(append(id, "Root=1-"...), seconds[:]), '-')
	id = append(append(id, h[:24]...), ";Parent="...)
	return string(append(append(id, parent...), ";Sampled=0"...))
}

// sampleTrace has a stage's own traces sampled, where it is traced. A client that
// sends a trace has decided itself.
func sampleTrace(rc *reqcontext.Context) {
	if rc.Header.Get("X-Amzn-Trace-Id") == "" {
		rc.TraceID = strings.TrimSuffix(rc.TraceID, "0") + "1"
	}
}
