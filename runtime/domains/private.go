package domains

import (
	"net"
	"net/http"
	"slices"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/snapshot"
)

// private guards a domain that is reached through VPC endpoints.
type private struct {
	arn       string
	policy    *policy.Policy // nil: nobody may call
	endpoints []string
}

// newPrivate compiles the guard. A policy that cannot be understood lets nobody in.
func newPrivate(s *snapshot.PrivateDomain) *private {
	p := &private{arn: s.ARN, endpoints: slices.Clone(s.VPCEndpoints)}
	if s.Policy != "" {
		if compiled, err := policy.ParseResource([]byte(s.Policy), s.ARN); err == nil {
			p.policy = compiled
		}
	}
	return p
}

// admit gives the VPC endpoint through which a request is let in. There are no VPCs
// here: a request counts as having come through whichever endpoint has an access
// association with the domain and is let in by its policy.
//
// unverified against AWS: the resource that a domain's policy is asked about has the
// path behind the domain's ARN.
func (p *private) admit(r *http.Request, path string) (endpoint string, ok bool) {
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	for _, endpoint := range p.endpoints {
		facts := map[string]string{"aws:sourcevpce": endpoint, "aws:vpcsourceip": source, "aws:sourceip": source, "aws:useragent": r.UserAgent()}
		outcome := p.policy.Evaluate(&policy.Request{Resource: p.arn + path, Values: func(key string) []string {
			if v := facts[key]; v != "" {
				return []string{v}
			}
			return nil
		}})
		if outcome == policy.Allow {
			return endpoint, true
		}
	}
	return "", false
}
