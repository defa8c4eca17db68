package tags

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

// Taggable finds the tags of a kind of resource that another package owns, by the
// part of its ARN behind "::/". found is false when it is none of that package's.
type Taggable interface {
	Tags(ctx context.Context, path string, change Change) (have map[string]string, found bool, err error)
}

// A Holder finds where the tags of a resource are kept; editable asks for a record that
// may be changed.
type Holder = func(tx *store.Tx, path string, editable bool) (*map[string]string, error)

// OfARN gives the tags of what an ARN names after a change (nil: they are only read): a
// resource of one of the others, or of the holder's own.
func OfARN(ctx context.Context, db *store.DB, resource string, change Change, others []Taggable, own Holder) (map[string]string, error) {
	arn, ok := awsapi.ParseARN(resource)
	if !ok || arn.Service != "apigateway" {
		// unverified against AWS: the text.
		return nil, awsapi.BadRequest("Invalid ARN specified in the request")
	}
	path := strings.TrimPrefix(arn.Resource, "/")
	for _, other := range others {
		if have, found, err := other.Tags(ctx, path, change); found || err != nil {
			return have, err
		}
	}
	return Of(ctx, db, change, func(tx *store.Tx, editable bool) (*map[string]string, error) { return own(tx, path, editable) })
}

// NoResource refuses an ARN that names nothing.
func NoResource() error {
	// unverified against AWS: the text.
	return awsapi.NotFound("Invalid resource ARN specified in the request")
}
