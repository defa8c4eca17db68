package logs

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
	"github.com/postern/postern/controlplane/store"
)

// metricFilter makes metrics of a group's events. Postern keeps it and makes none.
type metricFilter struct {
	Group           string
	Name            string
	Pattern         string
	Created         int64
	Transformations []wire.MetricTransformation
	Transformed     *bool    `json:",omitempty"`
	Criteria        *string  `json:",omitempty"`
	Dimensions      []string `json:",omitempty"`
}

var metricFilters = store.NewTable[metricFilter]("logs.metricfilter")

const maxMetricFilters = 100 // of a group

func (s *Service) putMetricFilter(ctx context.Context, in *wire.PutMetricFilterInput) (*awsapi.Empty, error) {
	if _, err := compile(*in.FilterPattern); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		g, err := tx.group(*in.LogGroupName)
		if err != nil {
			return nil, err
		}
		key := streamKey(g.Name, *in.FilterName)
		f := &metricFilter{
			Group: g.Name, Name: *in.FilterName, Pattern: *in.FilterPattern, Created: s.now().UnixMilli(), Transformations: in.MetricTransformations,
			Transformed: in.ApplyOnTransformedLogs, Criteria: in.FieldSelectionCriteria, Dimensions: in.EmitSystemFieldDimensions,
		}
		if have, ok := metricFilters.Get(tx.Tx, tx.scope, key); ok {
			f.Created = have.Created
		} else if metricFilters.Len(tx.Tx, tx.scope, streamKey(g.Name, "")) >= maxMetricFilters {
			return nil, awsapi.Errorf("LimitExceededException", "Resource limit exceeded.")
		}
		metricFilters.Put(tx.Tx, tx.scope, key, f)
		return nil, nil
	})
}

func (s *Service) describeMetricFilters(ctx context.Context, in *wire.DescribeMetricFiltersInput) (*wire.DescribeMetricFiltersOutput, error) {
	if (in.MetricName == nil) != (in.MetricNamespace == nil) {
		// unverified against AWS: the text.
		return nil, invalidParameter("The metric name and the metric namespace must be given together.")
	}
	return read(ctx, s, func(tx *txn) (*wire.DescribeMetricFiltersOutput, error) {
		prefix := ""
		if in.LogGroupName != nil {
			if _, err := tx.group(*in.LogGroupName); err != nil {
				return nil, err
			}
			prefix = streamKey(*in.LogGroupName, awsapi.Val(in.FilterNamePrefix))
		}
		found := metricFilters.List(tx.Tx, tx.scope, prefix)
		found = slices.DeleteFunc(slices.Clone(found), func(f *metricFilter) bool {
			return !strings.HasPrefix(f.Name, awsapi.Val(in.FilterNamePrefix)) || in.MetricName != nil && !f.makes(*in.MetricName, *in.MetricNamespace)
		})
		slices.SortFunc(found, func(a, b *metricFilter) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Group, b.Group))
		})
		cut, next, err := page(found, in.NextToken, in.Limit)
		out := []wire.MetricFilter{}
		for _, f := range cut {
			out = append(out, f.wire())
		}
		return &wire.DescribeMetricFiltersOutput{MetricFilters: out, NextToken: next}, err
	})
}

// makes tells whether a metric is one of the filter's.
func (f *metricFilter) makes(name, namespace string) bool {
	return slices.ContainsFunc(f.Transformations, func(t wire.MetricTransformation) bool {
		return *t.MetricName == name && *t.MetricNamespace == namespace
	})
}

func (s *Service) deleteMetricFilter(ctx context.Context, in *wire.DeleteMetricFilterInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		g, err := tx.group(*in.LogGroupName)
		if err != nil {
			return nil, err
		}
		if !metricFilters.Delete(tx.Tx, tx.scope, streamKey(g.Name, *in.FilterName)) {
			return nil, notFound("metric filter")
		}
		return nil, nil
	})
}

// describeSubscriptionFilters finds none: there is nothing that makes one.
func (s *Service) describeSubscriptionFilters(ctx context.Context, in *wire.DescribeSubscriptionFiltersInput) (*wire.DescribeSubscriptionFiltersOutput, error) {
	return read(ctx, s, func(tx *txn) (*wire.DescribeSubscriptionFiltersOutput, error) {
		_, err := tx.group(*in.LogGroupName)
		return &wire.DescribeSubscriptionFiltersOutput{SubscriptionFilters: []wire.SubscriptionFilter{}}, err
	})
}

func (f *metricFilter) wire() wire.MetricFilter {
	return wire.MetricFilter{
		FilterName: &f.Name, FilterPattern: &f.Pattern, MetricTransformations: f.Transformations, CreationTime: &f.Created, LogGroupName: &f.Group,
		ApplyOnTransformedLogs: f.Transformed, FieldSelectionCriteria: f.Criteria, EmitSystemFieldDimensions: f.Dimensions,
	}
}
