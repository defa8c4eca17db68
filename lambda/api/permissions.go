package api

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

func (a *API) addPermission(ctx context.Context, in *wire.AddPermissionInput) (*wire.AddPermissionOutput, error) {
	ref, err := a.ref(ctx, "AddPermission", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	statement, err := a.service.AddPermission(ctx, ref, lambda.Permission{
		Sid: *in.StatementId, Action: *in.Action, Principal: *in.Principal,
		SourceARN: awsapi.Val(in.SourceArn), SourceAccount: awsapi.Val(in.SourceAccount), EventSourceToken: awsapi.Val(in.EventSourceToken),
		OrganizationID: awsapi.Val(in.PrincipalOrgID), URLAuthType: awsapi.Val(in.FunctionUrlAuthType),
		ViaFunctionURL: in.InvokedViaFunctionUrl, Revision: awsapi.Val(in.RevisionId),
	})
	return &wire.AddPermissionOutput{Statement: &statement}, err
}

func (a *API) getPolicy(ctx context.Context, in *wire.GetPolicyInput) (*wire.GetPolicyOutput, error) {
	ref, err := a.ref(ctx, "GetPolicy", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	p, err := a.service.Policy(ref)
	if err != nil {
		return nil, err
	}
	return &wire.GetPolicyOutput{Policy: awsapi.Ptr(p.Document()), RevisionId: &p.Revision}, nil
}

func (a *API) removePermission(ctx context.Context, in *wire.RemovePermissionInput) (*awsapi.Empty, error) {
	ref, err := a.ref(ctx, "RemovePermission", in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	return nil, a.service.RemovePermission(ctx, ref, *in.StatementId, awsapi.Val(in.RevisionId))
}
