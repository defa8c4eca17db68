package cloudwatch

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
	"github.com/postern/postern/controlplane/store"
)

// Config holds what a Service stands on.
type Config struct {
	DB     *store.DB
	Now    func() time.Time
	Logger *slog.Logger
	// Strict refuses members that would have no effect (see unenforced).
	Strict bool
	// Settle waits until what happened before the call is recorded; nil: all is.
	Settle func(context.Context)
	// MaxBuckets bounds the time buckets kept of all metrics; 0 means 400,000.
	MaxBuckets int
}

const defaultMaxBuckets = 400_000

// Service implements the operations and takes the metrics of the emulator itself.
type Service struct {
	db      *store.DB
	now     func() time.Time
	log     *slog.Logger
	strict  bool
	settle  func(context.Context)
	metrics *metrics
}

// New gives a Service without metrics, over the alarms and dashboards that the
// store holds.
func New(cfg Config) *Service {
	s := &Service{db: cfg.DB, now: cfg.Now, log: cfg.Logger, strict: cfg.Strict, settle: cfg.Settle}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.settle == nil {
		s.settle = func(context.Context) {}
	}
	if cfg.MaxBuckets == 0 {
		cfg.MaxBuckets = defaultMaxBuckets
	}
	s.metrics = newMetrics(cfg.MaxBuckets)
	return s
}

// Reset forgets all metrics. Alarms and dashboards are the store's.
func (s *Service) Reset() { s.metrics.reset() }

// unenforced names the members that are accepted without effect, and why.
var unenforced = map[string]string{
	"PutMetricAlarm.AlarmActions":                        "alarms are not evaluated and act on nothing",
	"PutMetricAlarm.OKActions":                           "alarms are not evaluated and act on nothing",
	"PutMetricAlarm.InsufficientDataActions":             "alarms are not evaluated and act on nothing",
	"PutMetricAlarm.EvaluationCriteria":                  "alarms are not evaluated",
	"PutMetricAlarm.EvaluationInterval":                  "alarms are not evaluated",
	"PutCompositeAlarm.AlarmActions":                     "alarms are not evaluated and act on nothing",
	"PutCompositeAlarm.OKActions":                        "alarms are not evaluated and act on nothing",
	"PutCompositeAlarm.InsufficientDataActions":          "alarms are not evaluated and act on nothing",
	"PutCompositeAlarm.ActionsSuppressor":                "alarms are not evaluated and act on nothing",
	"PutCompositeAlarm.ActionsSuppressorWaitPeriod":      "alarms are not evaluated and act on nothing",
	"PutCompositeAlarm.ActionsSuppressorExtensionPeriod": "alarms are not evaluated and act on nothing",
	"PutMetricData.StrictEntityValidation":               "nothing reads the entities of metrics",
	"ListMetrics.IncludeLinkedAccounts":                  "there are no linked accounts",
	"ListMetrics.OwningAccount":                          "there are no linked accounts",
	"GetMetricData.LabelOptions":                         "labels with dates are not rendered",
}

// Mux serves the operations over HTTP, in all three of the service's protocols.
func (s *Service) Mux() *awsapi.Mux {
	return awsapi.NewMux(&wire.Service, s.operations(), awsapi.Options{Logger: s.log, Unenforced: unenforced, Strict: s.strict})
}

func (s *Service) operations() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"PutMetricData":       awsapi.Op(s.putMetricData),
		"ListMetrics":         awsapi.Op(s.listMetrics),
		"GetMetricStatistics": awsapi.Op(s.getMetricStatistics),
		"GetMetricData":       awsapi.Op(s.getMetricData),

		"PutMetricAlarm":          awsapi.Op(s.putMetricAlarm),
		"PutCompositeAlarm":       awsapi.Op(s.putCompositeAlarm),
		"DescribeAlarms":          awsapi.Op(s.describeAlarms),
		"DescribeAlarmsForMetric": awsapi.Op(s.describeAlarmsForMetric),
		"DescribeAlarmHistory":    awsapi.Op(s.describeAlarmHistory),
		"DeleteAlarms":            awsapi.Op(s.deleteAlarms),
		"SetAlarmState":           awsapi.Op(s.setAlarmState),
		"EnableAlarmActions":      awsapi.Op(s.enableAlarmActions),
		"DisableAlarmActions":     awsapi.Op(s.disableAlarmActions),

		"PutDashboard":     awsapi.Op(s.putDashboard),
		"GetDashboard":     awsapi.Op(s.getDashboard),
		"ListDashboards":   awsapi.Op(s.listDashboards),
		"DeleteDashboards": awsapi.Op(s.deleteDashboards),

		"ListTagsForResource": awsapi.Op(s.listTagsForResource),
		"TagResource":         awsapi.Op(s.tagResource),
		"UntagResource":       awsapi.Op(s.untagResource),
	}
}

func scopeOf(ctx context.Context) store.Scope { return awsapi.IdentityFrom(ctx).Scope() }

func invalidValue(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("InvalidParameterValue", format, args...)
}

func invalidCombination(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("InvalidParameterCombination", format, args...)
}

func missing(format string, args ...any) *awsapi.Error {
	return awsapi.Errorf("MissingParameter", format, args...)
}

func validationError(format string, args ...any) *awsapi.Error {
	e := awsapi.Errorf("ValidationError", format, args...)
	e.Status = http.StatusBadRequest
	return e
}
