package emulator

import (
	"fmt"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/supporting/iam"
	"github.com/postern/postern/runtime/authorizer/policy"
	"github.com/postern/postern/runtime/integration"
)

// roles judges the roles in which API Gateway invokes functions and calls services. Of
// a role that was created here it is known what it may do; any other may do everything.
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
		session = sessionOf(arn)
	}
	documents, ok := r.iam.SessionPolicies(session)
	if !ok {
		return nil
	}
	asked := &policy.Request{Action: "lambda:InvokeFunction", Resource: function, Caller: policy.Caller{ARN: session, AccountID: arn.Account}}
	all, known := r.iam.PoliciesOf(role)
	bounded := known && all.Boundary != ""
	if r.allow(documents, asked) && (!bounded || r.allow([]string{all.Boundary}, asked)) {
		return nil
	}
	return fmt.Errorf("%w: %s may not do %s on %s", integration.ErrNoPermission, session, asked.Action, function)
}

// allow tells whether policies allow what is asked. Those with conditions do: of what
// Lambda would be asked, little is known here.
func (r *roles) allow(documents []string, asked *policy.Request) bool {
	policies := make([]*policy.Policy, len(documents))
	for i, text := range documents {
		if strings.Contains(text, `"Condition"`) {
			return true
		}
		policies[i] = r.signers.compile(text)
	}
	return policy.EvaluateAll(policies, asked) == policy.Allow
}

// denies tells whether a role may surely not do what a call of a service needs. What
// conditions come to is not known here, and the resource not always.
func (r *roles) denies(role string, asked integration.Permission) *integration.Denial {
	documents, ok := r.iam.PoliciesOf(role)
	if !ok {
		return nil
	}
	granted, ok := r.signers.compileAll(documents.Granted)
	if !ok {
		return nil
	}
	grants, bounds := policy.Possible(granted, asked.Action, asked.Resource), policy.Allow
	if documents.Boundary != "" {
		boundary, ok := r.signers.compileAll([]string{documents.Boundary})
		if !ok {
			return nil
		}
		bounds = policy.Possible(boundary, asked.Action, asked.Resource)
	}
	if grants == policy.Allow && bounds == policy.Allow {
		return nil
	}
	arn, _ := awsapi.ParseARN(role) // it names a role that there is
	return &integration.Denial{
		Caller:   sessionOf(arn),
		Explicit: grants == policy.Deny || bounds == policy.Deny,
		Boundary: grants == policy.Allow || grants == policy.Silent && bounds == policy.Deny,
	}
}

// sessionOf is the ARN of the session in which API Gateway uses a role.
func sessionOf(role awsapi.ARN) string {
	return "arn:" + role.Partition + ":sts::" + role.Account + ":assumed-role/" + role.Resource[strings.LastIndexByte(role.Resource, '/')+1:] + "/" + roleSession
}
