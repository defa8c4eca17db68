package cloudwatch

import (
	"cmp"
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/cloudwatch"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/internal/lazyregexp"
)

// AWS: queries of one call, and datapoints of one answer.
const (
	maxQueries        = 500
	maxDataDatapoints = 100_800
)

var queryID = lazyregexp.New(`^[a-z][a-zA-Z0-9_]*$`)

func (s *Service) getMetricData(ctx context.Context, in *wire.GetMetricDataInput) (*wire.GetMetricDataOutput, error) {
	if err := checkQueries(in); err != nil {
		return nil, err
	}
	s.settle(ctx)
	e := &evaluation{in: in, scope: scopeOf(ctx), metrics: s.metrics, done: map[string]*answer{}}
	offset, err := pageOffset(in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &wire.GetMetricDataOutput{MetricDataResults: []wire.MetricDataResult{}, Messages: []wire.MessageData{}}
	var shown []*answer
	for i := range in.MetricDataQueries {
		q := &in.MetricDataQueries[i]
		a, err := e.answer(q)
		if err != nil {
			return nil, err
		}
		if q.ReturnData == nil || *q.ReturnData {
			shown = append(shown, a)
		}
	}
	// Every result gets its share of the page, at the same offset.
	share := max(1, min(cmp.Or(awsapi.Val(in.MaxDatapoints), maxDataDatapoints), maxDataDatapoints)/max(1, len(shown)))
	more := false
	for _, a := range shown {
		r, rest := a.result(awsapi.Val(in.ScanBy) == "TimestampAscending", offset, share)
		more = more || rest
		out.MetricDataResults = append(out.MetricDataResults, r)
	}
	if more {
		out.NextToken = awsapi.Ptr(base64.RawURLEncoding.EncodeToString([]byte("d:" + strconv.Itoa(offset+share))))
	}
	return out, nil
}

func pageOffset(token *string) (int, error) {
	if token == nil {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(*token)
	if err == nil {
		if digits, ok := strings.CutPrefix(string(raw), "d:"); ok {
			if n, err := strconv.Atoi(digits); err == nil && n >= 0 {
				return n, nil
			}
		}
	}
	return 0, awsapi.Errorf("InvalidNextToken", "The value %s for parameter NextToken is invalid.", *token)
}

// unverified against AWS: the texts of this operation's checks, but for those about
// the two times.
func checkQueries(in *wire.GetMetricDataInput) error {
	switch {
	case len(in.MetricDataQueries) == 0:
		return validationError("The parameter MetricDataQueries is required.")
	case len(in.MetricDataQueries) > maxQueries:
		return validationError("The collection MetricDataQueries must not have a size greater than %d.", maxQueries)
	case in.StartTime.Equal(*in.EndTime):
		return validationError("The parameter StartTime must not equal parameter EndTime.")
	case in.StartTime.After(*in.EndTime):
		return validationError("The parameter EndTime must be greater than StartTime.")
	}
	seen := map[string]bool{}
	for i := range in.MetricDataQueries {
		q := &in.MetricDataQueries[i]
		id := awsapi.Val(q.Id)
		switch {
		case !queryID().MatchString(id):
			return validationError("The value %s for parameter MetricDataQueries.member.%d.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.", id, i+1)
		case seen[id]:
			return validationError("The values for parameter id in MetricDataQueries are not unique.")
		case (q.MetricStat == nil) == (q.Expression == nil):
			return validationError("The parameters MetricDataQueries.member.%d.MetricStat and MetricDataQueries.member.%d.Expression are mutually exclusive, and one of them is required.", i+1, i+1)
		}
		seen[id] = true
		if st := q.MetricStat; st != nil {
			if _, ok := parseStatistic(awsapi.Val(st.Stat)); !ok {
				return invalidValue("The value %s for parameter MetricDataQueries.member.%d.MetricStat.Stat is not supported.", awsapi.Val(st.Stat), i+1)
			}
			if err := checkPeriod("MetricDataQueries.member."+strconv.Itoa(i+1)+".MetricStat.Period", awsapi.Val(st.Period)); err != nil {
				return err
			}
		}
	}
	return nil
}

// evaluation is one GetMetricData call.
type evaluation struct {
	in      *wire.GetMetricDataInput
	scope   store.Scope
	metrics *metrics
	done    map[string]*answer // by query id
}

// answer is what one query came to: values by their period's start in seconds.
type answer struct {
	id, label string
	period    int64
	points    map[int64]float64
	units     []string // all that there are, if the query asks for none
}

func (e *evaluation) answer(q *wire.MetricDataQuery) (*answer, error) {
	if a := e.done[*q.Id]; a != nil {
		return a, nil
	}
	a := &answer{id: *q.Id, label: awsapi.Val(q.Label)}
	if q.Expression != nil {
		if err := e.compute(q, a); err != nil {
			return nil, err
		}
	} else {
		e.query(q.MetricStat, a)
		a.label = cmp.Or(a.label, e.label(q.MetricStat))
	}
	a.label = cmp.Or(a.label, a.id)
	e.done[*q.Id] = a
	return a, nil
}

func (e *evaluation) query(st *wire.MetricStat, a *answer) {
	a.period, a.points = int64(*st.Period), map[int64]float64{}
	q := window{*e.in.StartTime, *e.in.EndTime, a.period, awsapi.Val(st.Unit)}
	byUnit := e.metrics.read(e.scope, awsapi.Val(st.Metric.Namespace), awsapi.Val(st.Metric.MetricName), dimensions(st.Metric.Dimensions), q)
	a.units = slices.Sorted(maps.Keys(byUnit))
	if len(a.units) == 0 {
		return
	}
	compute, _ := parseStatistic(*st.Stat) // checkQueries has seen it
	for start, b := range byUnit[a.units[0]] {
		if v, ok := compute(b); ok {
			a.points[start] = v
		}
	}
}

// label names a metric as AWS does: by what tells it from the call's other metrics.
func (e *evaluation) label(st *wire.MetricStat) string {
	parts := []string{awsapi.Val(st.Metric.MetricName)}
	stats, periods := map[string]bool{}, map[int]bool{}
	for i := range e.in.MetricDataQueries {
		if o := e.in.MetricDataQueries[i].MetricStat; o != nil {
			stats[awsapi.Val(o.Stat)], periods[awsapi.Val(o.Period)] = true, true
		}
	}
	if len(stats) > 1 {
		parts = append(parts, awsapi.Val(st.Stat))
	}
	if len(periods) > 1 {
		parts = append(parts, strconv.Itoa(awsapi.Val(st.Period)))
	}
	return strings.Join(parts, " ")
}

// result cuts one page out of an answer; rest tells whether there is more.
func (a *answer) result(ascending bool, offset, limit int) (r wire.MetricDataResult, rest bool) {
	r = wire.MetricDataResult{Id: &a.id, Label: &a.label, StatusCode: awsapi.Ptr("Complete"), Timestamps: []time.Time{}, Values: []float64{}}
	if len(a.units) > 1 {
		text := "Multiple units returned: '[" + strings.Join(a.units, ", ") + "]'"
		r.Messages = []wire.MessageData{{Code: awsapi.Ptr("MultipleUnits"), Value: &text}}
	}
	starts := slices.Sorted(maps.Keys(a.points))
	if !ascending {
		slices.Reverse(starts)
	}
	starts = starts[min(offset, len(starts)):]
	if len(starts) > limit {
		starts, rest = starts[:limit], true
		r.StatusCode = awsapi.Ptr("PartialData")
	}
	for _, start := range starts {
		r.Timestamps = append(r.Timestamps, time.Unix(start, 0).UTC())
		r.Values = append(r.Values, a.points[start])
	}
	return r, rest
}

// compute evaluates a query that is an expression over others.
func (e *evaluation) compute(q *wire.MetricDataQuery, a *answer) error {
	if strings.HasPrefix(strings.TrimSpace(strings.ToUpper(*q.Expression)), "SELECT") {
		return notComputed(*q.Expression, "queries with SELECT")
	}
	e.done[*q.Id] = a // an expression that asks for itself finds nothing
	expr, err := parseMath(*q.Expression)
	if err != nil {
		return err
	}
	v, err := expr.eval(e)
	if err != nil {
		return err
	}
	a.points, a.period = v.points, v.period
	if a.points == nil { // AWS: an expression has to come to a time series
		return validationError("The expression %s does not return a time series.", *q.Expression)
	}
	return nil
}

func notComputed(expression, what string) error {
	return validationError("Error in expression '%s': Postern does not evaluate %s.", expression, what)
}
