package snapshot

import (
	"errors"
	"fmt"
)

// Kind is the type of an API.
type Kind string

// The API types.
const (
	KindREST      Kind = "REST"
	KindHTTP      Kind = "HTTP"
	KindWebSocket Kind = "WEBSOCKET"
)

// API identifies one API. The runtime must know an API before it has a stage:
// what a request to a missing stage is answered differs between the types.
type API struct {
	ID        string
	Kind      Kind
	Name      string
	AccountID string
	Region    string
}

// Stage is one deployed stage of an API: the frozen deployment and the stage's
// own settings. Exactly the part of the API's kind is set.
type Stage struct {
	API          API
	Name         string
	DeploymentID string
	// Version orders the snapshots of one stage: the runtime never replaces a
	// newer one by an older one.
	Version   uint64
	Variables map[string]string

	// DisableDefaultEndpoint closes {api}.execute-api.…; custom domain names
	// stay open.
	DisableDefaultEndpoint bool

	AccessLog *AccessLog

	REST *REST
	HTTP *HTTP
}

// AccessLog is where and how a stage writes its access log.
type AccessLog struct {
	DestinationARN string
	Format         string
}

// Throttle is a token bucket's settings: steady requests per second and burst.
type Throttle struct {
	Rate  float64
	Burst int
}

// Validate finds what no compiler could make sense of. It is a guard against a
// faulty freeze, not a check of what users enter.
func (s *Stage) Validate() error {
	if s.API.ID == "" || s.Name == "" {
		return errors.New("snapshot has no API id or no stage name")
	}
	parts := map[Kind]bool{KindREST: s.REST != nil, KindHTTP: s.HTTP != nil}
	for kind, set := range parts {
		if set != (kind == s.API.Kind) {
			return fmt.Errorf("snapshot of %s API %s: %s part present: %t", s.API.Kind, s.API.ID, kind, set)
		}
	}
	switch {
	case s.HTTP != nil:
		return s.HTTP.validate()
	case s.REST != nil:
		return s.REST.validate()
	}
	return nil
}
