package iam

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/iam"
)

const maxPolicyVersions = 5

func versionID(n int) string { return "v" + strconv.Itoa(n) }

// version gives the index of a version in p.Versions.
func (p *policy) version(id string) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "v"))
	at := slices.IndexFunc(p.Versions, func(v policyVersion) bool { return v.Number == n })
	if err != nil || at < 0 {
		return 0, noSuchEntity("Policy %s version %s does not exist or is not attachable.", p.ARN, id)
	}
	return at, nil
}

func (p *policy) wireVersion(v *policyVersion) *wire.PolicyVersion {
	return &wire.PolicyVersion{
		VersionId:        awsapi.Ptr(versionID(v.Number)),
		IsDefaultVersion: awsapi.Ptr(v.Number == p.Default),
		CreateDate:       &v.Created,
	}
}

func (s *Service) createPolicyVersion(ctx context.Context, in *wire.CreatePolicyVersionInput) (*wire.CreatePolicyVersionOutput, error) {
	if err := checkManagedPolicy(*in.PolicyDocument); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*wire.CreatePolicyVersionOutput, error) {
		p, err := tx.editPolicy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		if len(p.Versions) >= maxPolicyVersions {
			return nil, awsapi.Errorf("LimitExceeded", "A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxPolicyVersions)
		}
		p.LastVersion++
		p.Updated = tx.now()
		v := policyVersion{Number: p.LastVersion, Document: *in.PolicyDocument, Created: p.Updated}
		p.Versions = append(p.Versions, v)
		if awsapi.Val(in.SetAsDefault) {
			p.Default = v.Number
		}
		return &wire.CreatePolicyVersionOutput{PolicyVersion: p.wireVersion(&v)}, nil
	})
}

func (s *Service) getPolicyVersion(ctx context.Context, in *wire.GetPolicyVersionInput) (*wire.GetPolicyVersionOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.GetPolicyVersionOutput, error) {
		p, err := tx.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		at, err := p.version(*in.VersionId)
		if err != nil {
			return nil, err
		}
		w := p.wireVersion(&p.Versions[at])
		w.Document = awsapi.Ptr(encodeDocument(p.Versions[at].Document))
		return &wire.GetPolicyVersionOutput{PolicyVersion: w}, nil
	})
}

// listPolicyVersions lists newest first.
func (s *Service) listPolicyVersions(ctx context.Context, in *wire.ListPolicyVersionsInput) (*wire.ListPolicyVersionsOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.ListPolicyVersionsOutput, error) {
		p, err := tx.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		out := []wire.PolicyVersion{}
		for _, v := range slices.Backward(p.Versions) {
			out = append(out, *p.wireVersion(&v))
		}
		cut, truncated, marker, err := page(out, in.Marker, in.MaxItems)
		return &wire.ListPolicyVersionsOutput{Versions: cut, IsTruncated: truncated, Marker: marker}, err
	})
}

func (s *Service) deletePolicyVersion(ctx context.Context, in *wire.DeletePolicyVersionInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		p, err := tx.editPolicy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		at, err := p.version(*in.VersionId)
		if err != nil {
			return nil, err
		}
		if p.Versions[at].Number == p.Default {
			return nil, deleteConflict("Cannot delete the default version of a policy.")
		}
		p.Versions = slices.Delete(p.Versions, at, at+1)
		p.Updated = tx.now()
		return nil, nil
	})
}

func (s *Service) setDefaultPolicyVersion(ctx context.Context, in *wire.SetDefaultPolicyVersionInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		p, err := tx.editPolicy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		at, err := p.version(*in.VersionId)
		if err != nil {
			return nil, err
		}
		p.Default = p.Versions[at].Number
		p.Updated = tx.now()
		return nil, nil
	})
}
