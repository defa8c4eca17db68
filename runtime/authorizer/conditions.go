package authorizer

import "github.com/postern/postern/runtime/reqcontext"

// Conditions gives the condition keys of a request that nobody signed, by their names
// in lower case.
func Conditions(rc *reqcontext.Context) func(key string) []string {
	return request(rc, "", nil).Values
}
