package httpapi

import (
	"errors"
	"net/http"

	"github.com/postern/postern/runtime/event"
	"github.com/postern/postern/runtime/gwerr"
	"github.com/postern/postern/runtime/integration"
	"github.com/postern/postern/runtime/reqcontext"
)

// maxEvent is what a function takes in one synchronous call.
const maxEvent = 6 << 20

var errEventTooLarge = errors.New("event is over Lambda's 6 MB")

// lambdaRequest makes the event of a proxy integration.
type lambdaRequest struct {
	v2      bool
	mapping *mapping
}

func (b *lambdaRequest) Build(rc *reqcontext.Context, r *http.Request, route *route) (*integration.Request, error) {
	if err := readBody(r, rc); err != nil {
		return nil, err
	}
	out := outgoing{header: eventHeader(rc), rawQuery: rc.RawQuery, query: rc.Query()}
	b.mapping.request(rc, &out)
	in := event.Input{
		Header:   out.header,
		Query:    out.query,
		RawQuery: out.rawQuery,
		Path:     eventPath(rc, b.v2, out.path),
		Body:     rc.Body,
		Base64:   len(rc.Body) > 0 && !event.TextBody(rc.Header),
	}
	buf := make([]byte, 0, 2048+len(rc.Body)*4/3)
	if b.v2 {
		buf = event.AppendV2(buf, rc, &in)
	} else {
		buf = event.AppendV1(buf, rc, &in)
	}
	if len(buf) > maxEvent {
		return nil, gwerr.New(gwerr.RequestTooLarge, errEventTooLarge)
	}
	return &integration.Request{Context: rc, Body: buf, SourceARN: route.sourceARN(rc)}, nil
}

// eventPath is an event's path; mapped is what parameter mapping put in its place.
//
// AWS: under a custom domain format 2.0 hides the mapping's key and shows the stage
// in its place, format 1.0 shows the key.
func eventPath(rc *reqcontext.Context, v2 bool, mapped string) string {
	path := rc.RoutePath
	switch {
	case mapped != "":
		path = mapped
	case !rc.CustomDomain || !v2:
		return rc.Path
	}
	if rc.Stage == defaultKey {
		return path
	}
	return "/" + rc.Stage + path
}
