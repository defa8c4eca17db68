package cloudwatch

import (
	"context"
	"slices"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
)

const (
	metricsPage = 500
	// recently is what RecentlyActive, whose one value is PT3H, asks for.
	recently = 3 * time.Hour
)

func (s *Service) listMetrics(ctx context.Context, in *wire.ListMetricsInput) (*wire.ListMetricsOutput, error) {
	s.settle(ctx)
	now := s.now()
	found := s.metrics.list(scopeOf(ctx), func(sr *series) bool {
		return (in.Namespace == nil || *in.Namespace == sr.namespace) &&
			(in.MetricName == nil || *in.MetricName == sr.name) &&
			(in.RecentlyActive == nil || now.Sub(sr.last) <= recently) &&
			hasDimensions(sr, in.Dimensions)
	})
	cut, next, ok := awsapi.Page(found, awsapi.Val(in.NextToken), 0, metricsPage, metricsPage)
	if !ok {
		return nil, invalidValue("Request parameter NextToken is invalid")
	}
	out := &wire.ListMetricsOutput{Metrics: make([]wire.Metric, len(cut)), NextToken: awsapi.NonEmpty(next)}
	for i, sr := range cut {
		out.Metrics[i] = wire.Metric{Namespace: &sr.namespace, MetricName: &sr.name, Dimensions: wireDimensions(sr.dimensions)}
	}
	return out, nil
}

// hasDimensions tells whether a metric has every dimension that was asked for; a
// filter without a value takes any.
func hasDimensions(sr *series, want []wire.DimensionFilter) bool {
	for _, f := range want {
		if !slices.ContainsFunc(sr.dimensions, func(d Dimension) bool {
			return d.Name == *f.Name && (f.Value == nil || d.Value == *f.Value)
		}) {
			return false
		}
	}
	return true
}
