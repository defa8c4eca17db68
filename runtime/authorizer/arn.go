package authorizer

import (
	"strings"

	"github.com/postern/postern/runtime/limits"
	"github.com/postern/postern/runtime/reqcontext"
)

func apiARN(rc *reqcontext.Context) string {
	return "arn:aws:execute-api:" + rc.Region + ":" + rc.AccountID + ":" + rc.APIID
}

// MethodARN names the request for policies: its own method and path, not the
// route's. The path always has its first slash.
//
// unverified against AWS: the path stays as it was sent, encoded, with a slash at its
// end.
func MethodARN(rc *reqcontext.Context) string {
	return apiARN(rc) + "/" + rc.Stage + "/" + rc.Method + "/" + strings.TrimLeft(rc.RoutePath, "/")
}

// TooLong says whether the ARN of a request's method is longer than AWS authorizes.
func TooLong(rc *reqcontext.Context) bool {
	path := strings.TrimLeft(rc.RoutePath, "/")
	return len("arn:aws:execute-api:::///")+len(rc.Region)+len(rc.AccountID)+len(rc.APIID)+len(rc.Stage)+len(rc.Method)+len(path) > limits.ARN
}

// maskedARN is a method's ARN as refusals show it: of the account only the end.
func maskedARN(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || len(parts[4]) < 4 {
		return arn
	}
	parts[4] = "********" + parts[4][len(parts[4])-4:]
	return strings.Join(parts, ":")
}
