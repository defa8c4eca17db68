package logs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
)

const classStandard = "STANDARD"

func (s *Service) createLogGroup(ctx context.Context, in *wire.CreateLogGroupInput) (*awsapi.Empty, error) {
	if err := checkTagKeys(in.Tags); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		name := *in.LogGroupName
		if _, ok := groups.Get(tx.Tx, tx.scope, name); ok {
			return nil, alreadyExists("log group")
		}
		g := &group{
			Name:      name,
			Created:   s.now().UnixMilli(),
			Class:     classStandard,
			KMSKey:    awsapi.Val(in.KmsKeyId),
			Protected: awsapi.Val(in.DeletionProtectionEnabled),
			Tags:      in.Tags,
		}
		if in.LogGroupClass != nil {
			g.Class = *in.LogGroupClass
		}
		groups.Put(tx.Tx, tx.scope, name, g)
		return nil, nil
	})
}

func (s *Service) describeLogGroups(ctx context.Context, in *wire.DescribeLogGroupsInput) (*wire.DescribeLogGroupsOutput, error) {
	if in.LogGroupNamePrefix != nil && in.LogGroupNamePattern != nil {
		return nil, invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	return read(ctx, s, func(tx *txn) (*wire.DescribeLogGroupsOutput, error) {
		var found []*group
		for _, g := range groups.List(tx.Tx, tx.scope, awsapi.Val(in.LogGroupNamePrefix)) {
			if tx.wanted(g, in) {
				found = append(found, g)
			}
		}
		slices.SortFunc(found, func(a, b *group) int { return strings.Compare(a.Name, b.Name) })
		cut, next, err := page(found, in.NextToken, in.Limit)
		out := []wire.LogGroup{}
		for _, g := range cut {
			out = append(out, tx.wireGroup(g))
		}
		return &wire.DescribeLogGroupsOutput{LogGroups: out, NextToken: next}, err
	})
}

// wanted applies the filters of DescribeLogGroups other than the prefix.
func (tx *txn) wanted(g *group, in *wire.DescribeLogGroupsInput) bool {
	switch {
	case !strings.Contains(g.Name, awsapi.Val(in.LogGroupNamePattern)):
		return false
	case in.LogGroupClass != nil && g.Class != *in.LogGroupClass:
		return false
	case awsapi.Val(in.IncludeLinkedAccounts) && len(in.AccountIdentifiers) > 0 && !slices.Contains(in.AccountIdentifiers, tx.scope.Account):
		// AWS: the accounts count only together with includeLinkedAccounts.
		return false
	case len(in.LogGroupIdentifiers) > 0:
		return slices.ContainsFunc(in.LogGroupIdentifiers, func(id string) bool { return tx.nameOf(id) == g.Name })
	}
	return true
}

func (tx *txn) wireGroup(g *group) wire.LogGroup {
	arn := tx.arn(g.Name)
	var stored int64
	for _, st := range streams.List(tx.Tx, tx.scope, streamKey(g.Name, "")) {
		tx.events(g, st, func(l *streamLog, _ int64) { stored += int64(l.bytes) })
	}
	return wire.LogGroup{
		LogGroupName:              &g.Name,
		CreationTime:              &g.Created,
		RetentionInDays:           awsapi.NonEmpty(g.Retention),
		MetricFilterCount:         awsapi.Ptr(metricFilters.Len(tx.Tx, tx.scope, streamKey(g.Name, ""))),
		Arn:                       awsapi.Ptr(arn + ":*"),
		StoredBytes:               &stored,
		KmsKeyId:                  awsapi.NonEmpty(g.KMSKey),
		LogGroupClass:             &g.Class,
		LogGroupArn:               &arn,
		DeletionProtectionEnabled: &g.Protected,
	}
}

func (s *Service) deleteLogGroup(ctx context.Context, in *wire.DeleteLogGroupInput) (*awsapi.Empty, error) {
	// What was written before must not make the group anew afterwards.
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		g, err := tx.group(*in.LogGroupName)
		if err != nil {
			return nil, err
		}
		if g.Protected {
			// unverified against AWS: the text for a protected group.
			return nil, awsapi.Errorf("ValidationException", "The specified log group is protected from deletion.")
		}
		for _, st := range streams.List(tx.Tx, tx.scope, streamKey(g.Name, "")) {
			tx.dropStream(g.Name, st)
		}
		metricFilters.DeletePrefix(tx.Tx, tx.scope, streamKey(g.Name, ""))
		groups.Delete(tx.Tx, tx.scope, g.Name)
		return nil, nil
	})
}

func (s *Service) putLogGroupDeletionProtection(ctx context.Context, in *wire.PutLogGroupDeletionProtectionInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		g, err := tx.editGroup(tx.nameOf(*in.LogGroupIdentifier))
		if err != nil {
			return nil, err
		}
		g.Protected = *in.DeletionProtectionEnabled
		return nil, nil
	})
}

// retentionDays are the values that AWS takes.
var retentionDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func (s *Service) putRetentionPolicy(ctx context.Context, in *wire.PutRetentionPolicyInput) (*awsapi.Empty, error) {
	if days := *in.RetentionInDays; !slices.Contains(retentionDays, days) {
		// unverified against AWS: the text; the model has no such constraint.
		values := strings.Join(strings.Fields(fmt.Sprint(retentionDays)), ", ")
		return nil, invalidParameter(fmt.Sprintf("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %s", days, values))
	}
	return s.setRetention(ctx, *in.LogGroupName, *in.RetentionInDays)
}

func (s *Service) deleteRetentionPolicy(ctx context.Context, in *wire.DeleteRetentionPolicyInput) (*awsapi.Empty, error) {
	return s.setRetention(ctx, *in.LogGroupName, 0)
}

func (s *Service) setRetention(ctx context.Context, name string, days int) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		g, err := tx.editGroup(name)
		if err != nil {
			return nil, err
		}
		g.Retention = days
		return nil, nil
	})
}
