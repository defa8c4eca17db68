package authorizer

import (
	"strconv"
	"time"

	"github.com/postern/postern/runtime/reqcontext"
)

// Conditions gives a request's values of the global condition keys that policies may
// ask for, by their names in lower case.
func Conditions(rc *reqcontext.Context) func(key string) []string {
	return func(key string) []string {
		switch key {
		case "aws:sourceip":
			return present(rc.SourceIP)
		case "aws:useragent":
			return present(rc.UserAgent)
		case "aws:referer":
			return present(rc.Header.Get("Referer"))
		case "aws:sourcevpce":
			return present(rc.VPCEndpointID)
		case "aws:currenttime":
			return []string{rc.Start.UTC().Format(time.RFC3339)}
		case "aws:epochtime":
			return []string{strconv.FormatInt(rc.Start.Unix(), 10)}
		case "aws:securetransport":
			return []string{"true"} // AWS: an API is only reached by HTTPS
		}
		return nil
	}
}

func present(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}
