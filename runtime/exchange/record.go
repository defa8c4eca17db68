package exchange

import (
	"encoding/json"
	"time"
)

// Kind tells what sort of exchange a record describes.
type Kind string

// The kinds of exchange.
const (
	REST      Kind = "rest"
	HTTP      Kind = "http"
	WebSocket Kind = "websocket"
	Lambda    Kind = "lambda"
)

// Record describes one finished exchange. It is filled by whoever served it
// and never changed after Stream.Publish, since sinks read it concurrently.
// A part that does not apply keeps its zero value. Every request makes one, so
// parts that most requests do without are apart.
type Record struct {
	RequestID         string `json:"requestId"`
	ExtendedRequestID string `json:"extendedRequestId,omitempty"`
	TraceID           string `json:"traceId,omitempty"` // X-Amzn-Trace-Id
	Kind              Kind   `json:"kind"`
	Account           string `json:"account,omitempty"`
	Region            string `json:"region,omitempty"`

	APIID        string `json:"apiId,omitempty"`
	APIName      string `json:"apiName,omitempty"`
	Stage        string `json:"stage,omitempty"`
	DeploymentID string `json:"deploymentId,omitempty"`
	Canary       bool   `json:"canary,omitempty"`
	// DetailedMetrics asks for metrics of the method or route, beside the stage's.
	DetailedMetrics bool `json:"-"`

	RouteKey     string `json:"routeKey,omitempty"`     // HTTP and WebSocket APIs
	ResourceID   string `json:"resourceId,omitempty"`   // REST APIs
	ResourcePath string `json:"resourcePath,omitempty"` // REST APIs
	APIKeyID     string `json:"apiKeyId,omitempty"`

	Method    string    `json:"method,omitempty"`
	Host      string    `json:"host,omitempty"`
	Path      string    `json:"path,omitempty"` // with the stage, as the client sent it, without the query
	Protocol  string    `json:"protocol,omitempty"`
	SourceIP  string    `json:"sourceIp,omitempty"`
	UserAgent string    `json:"userAgent,omitempty"`
	Start     time.Time `json:"start"`

	Status       int           `json:"status,omitempty"` // what the client was answered
	Latency      time.Duration `json:"-"`                // whole exchange; "latencyMs"
	RequestSize  int64         `json:"requestSize"`      // body bytes
	ResponseSize int64         `json:"responseSize"`     // body bytes

	AccessLog AccessLog `json:"-"`

	Authorizer  *Authorizer `json:"authorizer,omitempty"` // nil: nobody was asked
	Integration Integration `json:"integration,omitzero"`
	Function    *Function   `json:"function,omitempty"`   // nil: none ran
	Connection  *Connection `json:"connection,omitempty"` // nil: not a WebSocket's

	// ErrorType is the gateway response type (REST: "UNAUTHORIZED"), or for a
	// Lambda invocation the error type of the function ("Runtime.ExitError").
	ErrorType    string `json:"errorType,omitempty"`
	ErrorMessage string `json:"errorMessage,omitempty"`
}

// AccessLog is the exchange's line in its stage's access log; an empty Line: the
// stage has none.
type AccessLog struct {
	Destination string // ARN
	Line        string
}

// Decision is what an authorizer, or a resource policy, said.
type Decision string

// The decisions of an authorizer.
const (
	Allow        Decision = "allow"
	Deny         Decision = "deny"         // known and refused: 403
	Unauthorized Decision = "unauthorized" // not known: 401
	Failed       Decision = "failed"       // could not decide: 500
)

// Authorizer describes the authorizer's part of an exchange.
type Authorizer struct {
	ID          string        `json:"id,omitempty"`
	Type        string        `json:"type,omitempty"` // AWS's: TOKEN, REQUEST, JWT, COGNITO_USER_POOLS, AWS_IAM
	Decision    Decision      `json:"decision,omitempty"`
	PrincipalID string        `json:"principalId,omitempty"`
	Cached      bool          `json:"cached,omitempty"`
	Status      int           `json:"status,omitempty"` // of the authorizer's own call
	Latency     time.Duration `json:"-"`                // "latencyMs"
	RequestID   string        `json:"requestId,omitempty"`
	Error       string        `json:"error,omitempty"`
}

// Integration describes the integration call of an exchange.
type Integration struct {
	Type          string        `json:"type,omitempty"` // AWS's: AWS_PROXY, HTTP_PROXY, MOCK, …
	URI           string        `json:"uri,omitempty"`
	Method        string        `json:"method,omitempty"`
	Status        int           `json:"status,omitempty"`        // AWS: integration.status, for Lambda what the function returned
	ServiceStatus int           `json:"serviceStatus,omitempty"` // AWS: integrationStatus, for Lambda the Invoke call's own
	Latency       time.Duration `json:"-"`                       // "latencyMs"
	RequestID     string        `json:"requestId,omitempty"`
	Called        bool          `json:"-"` // false: answered without a call
	CacheHit      bool          `json:"cacheHit,omitempty"`
	CacheMiss     bool          `json:"cacheMiss,omitempty"` // the stage's cache was asked in vain
	Error         string        `json:"error,omitempty"`
}

// Function describes the Lambda invocation of an exchange. It is set on
// records of Kind Lambda, and on those of a gateway whose integration is one.
type Function struct {
	ARN            string        `json:"arn,omitempty"`
	RequestID      string        `json:"requestId,omitempty"`
	Version        string        `json:"version,omitempty"` // that ran
	Attempt        int           `json:"attempt,omitempty"` // of an event, from 1
	InvocationType string        `json:"invocationType,omitempty"`
	Environment    string        `json:"environment,omitempty"` // the execution environment that ran it
	ColdStart      bool          `json:"coldStart,omitempty"`
	Wait           time.Duration `json:"-"` // queued or starting, before the function ran; "waitMs"
	Init           time.Duration `json:"-"` // "initMs"
	Duration       time.Duration `json:"-"` // "durationMs"
	Billed         time.Duration `json:"-"` // "billedMs"
	MemoryMB       int           `json:"memoryMb,omitempty"`
	MaxMemoryMB    int           `json:"maxMemoryMb,omitempty"`
}

// Connection describes the WebSocket connection that an exchange belongs to.
type Connection struct {
	ID          string    `json:"id,omitempty"`
	EventType   string    `json:"eventType,omitempty"` // CONNECT, MESSAGE, DISCONNECT
	MessageID   string    `json:"messageId,omitempty"`
	ConnectedAt time.Time `json:"connectedAt,omitzero"`
}

// MarshalJSON writes durations as milliseconds, which is what AWS's logs
// speak; the other parts of a record do the same.
func (r Record) MarshalJSON() ([]byte, error) {
	type plain Record
	return json.Marshal(struct {
		plain
		LatencyMs float64 `json:"latencyMs"`
	}{plain(r), millis(r.Latency)})
}

// MarshalJSON writes the latency as milliseconds.
func (a Authorizer) MarshalJSON() ([]byte, error) {
	type plain Authorizer
	return json.Marshal(struct {
		plain
		LatencyMs float64 `json:"latencyMs,omitempty"`
	}{plain(a), millis(a.Latency)})
}

// MarshalJSON writes the latency as milliseconds.
func (i Integration) MarshalJSON() ([]byte, error) {
	type plain Integration
	return json.Marshal(struct {
		plain
		LatencyMs float64 `json:"latencyMs"`
	}{plain(i), millis(i.Latency)})
}

// MarshalJSON writes the durations as milliseconds.
func (f Function) MarshalJSON() ([]byte, error) {
	type plain Function
	return json.Marshal(struct {
		plain
		WaitMs     float64 `json:"waitMs,omitempty"`
		InitMs     float64 `json:"initMs,omitempty"`
		DurationMs float64 `json:"durationMs"`
		BilledMs   float64 `json:"billedMs,omitempty"`
	}{plain(f), millis(f.Wait), millis(f.Init), millis(f.Duration), millis(f.Billed)})
}

func millis(d time.Duration) float64 {
	return float64(d.Microseconds()) / 1000
}
