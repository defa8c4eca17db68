package frontdoor

import "strings"

// Protocol is one of AWS's ways to put a call and its answer into HTTP.
type Protocol uint8

// AWS's protocols.
const (
	RESTJSON Protocol = iota
	JSON              // 1.0 and 1.1; the content type tells
	Query             // form in, XML out
	EC2Query          // the same with errors of its own
	CBOR              // Smithy RPC v2
	RESTXML           // S3, Route 53
)

var protocolNames = [...]string{"rest-json", "json", "query", "ec2", "rpc-v2-cbor", "rest-xml"}

func (p Protocol) String() string { return protocolNames[p] }

// protocol says how the client speaks, which for a service with several
// protocols depends on the SDK and its age.
func protocol(name string, r Request) Protocol {
	usual := RESTJSON
	if s := byName(name); s != nil {
		usual = s.protocol
	}
	rpc, _ := rpcPath(r.Path)
	switch {
	case rpc != "" || r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return CBOR
	case r.Header.Get("X-Amz-Target") != "" || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json-"):
		return JSON
	case usual == RESTJSON || usual == RESTXML || usual == EC2Query:
		return usual
	case r.isForm() || parameter(r.Query, "Action") != "":
		return Query
	}
	return usual
}
