package authorizer

import (
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/reqcontext"
)

const invalidateCache = "execute-api:InvalidateCache"

// MayInvalidate tells whether an authorized request may have cached answers replaced:
// its signer's policies, or the API's resource policy, have to allow that.
func MayInvalidate(rc *reqcontext.Context, keys KeyLookup, resource *policy.Policy) bool {
	var caller *AccessKey
	own, joined := policy.Silent, either
	if rc.Authorizer.Kind == reqcontext.IAMAuthorizer && keys != nil {
		if key, ok := keys(rc.Identity.AccessKey); ok {
			caller = &key
			if caller.AccountID = rc.Identity.AccountID; caller.AccountID != rc.AccountID {
				joined = both
			}
			own = policy.Allow
		}
	}
	r := request(rc, MethodARN(rc), caller)
	r.Action = invalidateCache
	if caller != nil && caller.Policies != nil {
		own = policy.EvaluateAll(caller.Policies, r)
	}
	return joined.join(own, resource.Evaluate(r)) == policy.Allow
}
