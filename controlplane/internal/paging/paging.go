package paging

import (
	"strconv"

	"github.com/postern/postern/controlplane/awsapi"
)

// Limits of every list of v1.
const (
	defaultV1 = 25
	maxV1     = 500
)

// V1 gives a page of a v1 list as wire shapes, and the position of the next.
func V1[Rec, Out any](list []Rec, position *string, limit *int, shape func(Rec) *Out) ([]Out, *string, error) {
	page, next, ok := awsapi.Page(list, awsapi.Val(position), awsapi.Val(limit), defaultV1, maxV1)
	if !ok {
		// unverified against AWS: the text for an unreadable position.
		return nil, nil, awsapi.BadRequest("Invalid position parameter.")
	}
	return shaped(page, shape), awsapi.NonEmpty(next), nil
}

// Limits of every list of v2.
//
// unverified against AWS: neither is documented.
const (
	defaultV2 = 100
	maxV2     = 1000
)

// V2 gives a page of a v2 list as wire shapes, and the token of the next.
func V2[Rec, Out any](list []Rec, max, token *string, shape func(Rec) *Out) ([]Out, *string, error) {
	limit := 0
	if awsapi.Val(max) != "" {
		n, err := strconv.Atoi(*max)
		if err != nil || n < 1 {
			// unverified against AWS: the text.
			return nil, nil, awsapi.BadRequest("Invalid maxResults specified")
		}
		limit = n
	}
	page, next, ok := awsapi.Page(list, awsapi.Val(token), limit, defaultV2, maxV2)
	if !ok {
		// unverified against AWS: the text.
		return nil, nil, awsapi.BadRequest("Invalid nextToken specified")
	}
	return shaped(page, shape), awsapi.NonEmpty(next), nil
}

// shaped is never nil: an empty list is shown.
func shaped[Rec, Out any](list []Rec, shape func(Rec) *Out) []Out {
	out := make([]Out, 0, len(list))
	for _, r := range list {
		out = append(out, *shape(r))
	}
	return out
}
