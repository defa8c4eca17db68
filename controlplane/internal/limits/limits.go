package limits

import "github.com/postern/postern/controlplane/awsapi"

// The owners of what is limited.
const (
	OfAPI     = "API"
	OfAccount = "account" // in a region
)

// Reached refuses one more of what its owner has, named in the plural.
//
// AWS: the text is reported for the resources of a REST API and the authorizers of an
// HTTP API; unverified against AWS: that others read the same.
func Reached(what, owner string) *awsapi.Error {
	return awsapi.Errorf("LimitExceededException", "Maximum number of %[1]s for this %[2]s has been reached. Please contact AWS if you need additional %[1]s.", what, owner)
}
