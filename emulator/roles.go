package emulator

import (
	"fmt"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/supporting/iam"
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/integration"
)

// roles judges the roles in which API Gateway invokes functions. Of a role that was
// created here it is known what it may do; any other may do everything.
//
// Calls of other services are judged by the role's trust policy alone: which action
// and resource of IAM's a call is about is for the service to say.
type roles struct {
	iam     *iam.Service
	signers *signers
}

// mayInvoke refuses a role that API Gateway may not use, and a role or a caller's
// session that may not invoke the function.
func (r *roles) mayInvoke(role, function string) error {
	arn, ok := awsapi.ParseARN(role)
	session := role // of a caller whose own credentials count
	switch {
	case !ok:
		return &integration.RoleError{Role: role, Why: errNoRole}
	case !strings.HasPrefix(arn.Resource, "role/"):
	case r.iam.Distrusts(role, integration.Principal):
		return &integration.RoleError{Role: role, Why: errDistrust}
	default:
		session = "arn:aws:sts::" + arn.Account + ":assumed-role/" + role[strings.LastIndexByte(role, '/')+1:] + "/" + roleSession
	}
	documents, ok := r.iam.SessionPolicies(session)
	if !ok {
		return nil
	}
	policies := make([]*policy.Policy, len(documents))
	for i, text := range documents {
		if strings.Contains(text, `"Condition"`) {
			return nil // of what Lambda would be asked, little is known here
		}
		policies[i] = r.signers.compile(text)
	}
	asked := &policy.Request{Action: "lambda:InvokeFunction", Resource: function, Caller: policy.Caller{ARN: session, AccountID: arn.Account}}
	if policy.EvaluateAll(policies, asked) == policy.Allow {
		return nil
	}
	return fmt.Errorf("%w: %s may not do %s on %s", integration.ErrNoPermission, session, asked.Action, function)
}
