package authorizer

import (
	"strconv"
	"strings"
	"time"

	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/reqcontext"
)

// request describes a call to policies. A caller who did not sign is nil.
func request(rc *reqcontext.Context, arn string, caller *AccessKey) *policy.Request {
	r := &policy.Request{Resource: arn}
	if caller != nil {
		r.Caller = policy.Caller{ARN: caller.ARN, AccountID: caller.AccountID}
	}
	r.Values = func(key string) []string { return one(fact(rc, caller, key)) }
	return r
}

func one(v string) []string {
	if v == "" {
		return nil
	}
	return []string{v}
}

// fact gives the value of a condition key that AWS supplies for calls of APIs. What is
// not known here (organizations and their paths) is missing from every request, so that
// a condition on it keeps callers out as it would keep out those of no organization.
func fact(rc *reqcontext.Context, caller *AccessKey, key string) string {
	switch key {
	case "aws:sourceip":
		// AWS: a call through a VPC endpoint has no public address.
		if rc.VPCEndpointID == "" {
			return rc.SourceIP
		}
	case "aws:vpcsourceip":
		if rc.VPCEndpointID != "" {
			return rc.SourceIP
		}
	case "aws:sourcevpce":
		return rc.VPCEndpointID
	case "aws:sourcevpc":
		return rc.Identity.VPCID
	case "aws:currenttime":
		return rc.Start.UTC().Format(time.RFC3339)
	case "aws:epochtime":
		return strconv.FormatInt(rc.Start.Unix(), 10)
	case "aws:referer":
		return rc.Header.Get("Referer")
	case "aws:useragent":
		return rc.UserAgent
	case "aws:securetransport":
		// AWS: APIs are reached by TLS only. Here they may be by plain HTTP too, but
		// a request looks to functions and policies as it would on AWS.
		return "true"
	case "aws:principaltype":
		return principalType(caller)
	}
	if caller == nil {
		return ""
	}
	if tag, ok := strings.CutPrefix(key, "aws:principaltag/"); ok {
		return caller.Tags[tag]
	}
	switch key {
	case "aws:principalaccount":
		return caller.AccountID
	case "aws:principalarn":
		p := policy.Caller{ARN: caller.ARN}
		if role, ok := p.Role(); ok {
			return role
		}
		return caller.ARN
	case "aws:principalorgid":
		return rc.Identity.PrincipalOrgID
	case "aws:userid":
		return caller.UserID
	case "aws:username":
		if _, user, ok := strings.Cut(caller.ARN, ":user/"); ok {
			return user[strings.LastIndexByte(user, '/')+1:]
		}
	}
	return ""
}

func principalType(caller *AccessKey) string {
	switch {
	case caller == nil:
		return "Anonymous"
	case strings.Contains(caller.ARN, ":assumed-role/"):
		return "AssumedRole"
	case strings.HasSuffix(caller.ARN, ":root"):
		return "Account"
	}
	return "User"
}
