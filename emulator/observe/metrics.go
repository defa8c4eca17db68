package observe

import (
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/cloudwatch"
	"github.com/postern/postern/runtime/exchange"
)

// MetricsName is the name under which Metrics attaches itself to a stream.
const MetricsName = "metrics"

// MetricWriter takes measurements: cloudwatch.Service.
type MetricWriter interface {
	Record(scope store.Scope, namespace string, data []cloudwatch.Datum)
}

// Metrics is a sink that turns exchanges into the metrics that API Gateway and
// Lambda write to CloudWatch. A batch is summed up before it is written: under load
// that makes a request's share small.
type Metrics struct {
	writer MetricWriter
	groups map[group]*tally // of the batch at hand
	order  []group
	spare  *tally // of an earlier batch
}

// NewMetrics makes a sink that writes to w and attaches it.
func NewMetrics(stream *exchange.Stream, w MetricWriter) *Metrics {
	m := &Metrics{writer: w, groups: map[group]*tally{}}
	stream.Attach(MetricsName, 0, m)
	return m
}

// group is what a tally's exchanges have in common: everything that a dimension or
// a time bucket could tell apart.
type group struct {
	kind     exchange.Kind
	scope    store.Scope
	minute   int64
	api      string // name of a REST API, id of an HTTP API, ARN of a function
	stage    string // or the version that ran
	route    string // or resource; empty without detailed metrics
	method   string
	detailed bool
}

// tally counts the exchanges of a group.
type tally struct {
	count, clientErrors, serverErrors, throttles, events float64
	cacheHits, cacheMisses                               float64
	bytes                                                values
	latency, integration                                 values
}

// reset gives the tally of a new group, with the room that this one has.
func (t *tally) reset() *tally {
	*t = tally{bytes: t.bytes[:0], latency: t.latency[:0], integration: t.integration[:0]}
	return t
}

// values are measurements in any order.
type values []int64

func (v *values) add(n int64) { *v = append(*v, n) }

// counted gives each value once, the lowest first.
func (v values) counted() []cloudwatch.Measured {
	slices.Sort(v)
	var out []cloudwatch.Measured
	for _, n := range v {
		if last := len(out) - 1; last >= 0 && out[last].Value == float64(n) {
			out[last].Count++
			continue
		}
		out = append(out, cloudwatch.Measured{Value: float64(n), Count: 1})
	}
	return out
}

// Consume sums up a batch and writes it.
func (m *Metrics) Consume(batch []*exchange.Record) {
	// Mostly a record is of the group of the one before, whose strings it shares.
	var of group
	var t *tally
	for _, r := range batch {
		g, ok := groupOf(r)
		if !ok {
			continue
		}
		if t == nil || g != of {
			t, of = m.tally(g), g
		}
		t.add(r)
	}
	for _, g := range m.order {
		m.spare = m.groups[g]
		m.write(g, m.spare)
	}
	clear(m.groups)
	m.order = m.order[:0]
}

// tally finds or begins a group's.
func (m *Metrics) tally(g group) *tally {
	if t := m.groups[g]; t != nil {
		return t
	}
	t := &tally{}
	if m.spare != nil {
		t, m.spare = m.spare.reset(), nil
	}
	m.groups[g] = t
	m.order = append(m.order, g)
	return t
}

func groupOf(r *exchange.Record) (group, bool) {
	g := group{kind: r.Kind, scope: store.Scope{Account: r.Account, Region: r.Region}, minute: r.Start.Unix() / 60, stage: r.Stage, detailed: r.DetailedMetrics}
	switch r.Kind {
	case exchange.REST:
		g.api = r.APIName
		if g.detailed {
			g.route, g.method = r.ResourcePath, r.Method
		}
	case exchange.HTTP:
		g.api = r.APIID
		if g.detailed {
			g.route = r.RouteKey
		}
	case exchange.Lambda:
		g.api, g.stage = function(r).ARN, function(r).Version
		return g, true
	default:
		return g, false
	}
	// unverified against AWS: whether requests count that reach no stage.
	return g, r.Stage != ""
}

func (t *tally) add(r *exchange.Record) {
	t.count++
	if r.Kind == exchange.Lambda {
		t.addInvocation(r)
		return
	}
	t.latency.add(r.Latency.Milliseconds())
	switch r.Status / 100 {
	case 4:
		t.clientErrors++
	case 5:
		t.serverErrors++
	}
	in := &r.Integration
	if in.Called {
		t.integration.add(in.Latency.Milliseconds())
	}
	switch {
	case in.CacheHit:
		t.cacheHits++
	case in.CacheMiss:
		t.cacheMisses++
	}
	t.bytes.add(r.RequestSize + r.ResponseSize)
}

func (t *tally) addInvocation(r *exchange.Record) {
	f := function(r)
	if f.InvocationType == "Event" && f.Attempt <= 1 {
		t.events++
	}
	if r.Status == 429 {
		t.throttles++ // AWS: which is no invocation
		return
	}
	if r.ErrorType != "" {
		t.serverErrors++
	}
	t.latency.add(f.Duration.Milliseconds())
}

func (m *Metrics) write(g group, t *tally) {
	b := &builder{at: time.Unix(g.minute*60, 0).UTC()}
	namespace := "AWS/ApiGateway"
	switch g.kind {
	case exchange.REST:
		b.rest(t)
	case exchange.HTTP:
		b.http(t)
	case exchange.Lambda:
		namespace = "AWS/Lambda"
		b.lambda(t)
	}
	for _, dims := range g.dimensions() {
		for i := range b.data {
			b.data[i].Dimensions = dims
		}
		m.writer.Record(g.scope, namespace, b.data)
	}
}

// dimensions are the sets of dimensions that a group's measurements are kept under.
func (g *group) dimensions() [][]cloudwatch.Dimension {
	switch g.kind {
	case exchange.REST:
		api, stage := cloudwatch.Dimension{Name: "ApiName", Value: g.api}, cloudwatch.Dimension{Name: "Stage", Value: g.stage}
		out := [][]cloudwatch.Dimension{{api}, {api, stage}}
		if g.detailed && g.route != "" {
			out = append(out, []cloudwatch.Dimension{api, {Name: "Method", Value: g.method}, {Name: "Resource", Value: g.route}, stage})
		}
		return out
	case exchange.HTTP:
		api, stage := cloudwatch.Dimension{Name: "ApiId", Value: g.api}, cloudwatch.Dimension{Name: "Stage", Value: g.stage}
		out := [][]cloudwatch.Dimension{{api}, {api, stage}}
		if g.detailed && g.route != "" {
			out = append(out, []cloudwatch.Dimension{api, {Name: "Route", Value: g.route}, stage})
		}
		return out
	}
	return functionDimensions(g.api, g.stage)
}

// functionDimensions are those of arn:aws:lambda:{region}:{account}:function:{name}
// with or without a qualifier. The version that ran tells something only about an
// alias.
func functionDimensions(arn, version string) [][]cloudwatch.Dimension {
	_, resource, _ := strings.Cut(arn, ":function:")
	name, qualifier, qualified := strings.Cut(resource, ":")
	if qualifier == "$LATEST" {
		resource, qualified = name, false
	}
	function := cloudwatch.Dimension{Name: "FunctionName", Value: name}
	out := [][]cloudwatch.Dimension{nil, {function}, {function, {Name: "Resource", Value: resource}}}
	if qualified && version != "" && version != qualifier {
		out = append(out, []cloudwatch.Dimension{{Name: "ExecutedVersion", Value: version}, function, {Name: "Resource", Value: resource}})
	}
	return out
}

// builder lists the measurements of one tally.
type builder struct {
	at   time.Time
	data []cloudwatch.Datum
}

func (b *builder) datum(name, unit string, measured ...cloudwatch.Measured) {
	if len(measured) > 0 {
		b.data = append(b.data, cloudwatch.Datum{Name: name, Time: b.at, Unit: unit, Values: measured})
	}
}

// yesNo is a metric that is 1 or 0 for each exchange, so that its average is a rate.
func (b *builder) yesNo(name string, yes, no float64) {
	var measured []cloudwatch.Measured
	if yes > 0 {
		measured = append(measured, cloudwatch.Measured{Value: 1, Count: yes})
	}
	if no > 0 {
		measured = append(measured, cloudwatch.Measured{Value: 0, Count: no})
	}
	b.datum(name, "Count", measured...)
}

func (b *builder) rest(t *tally) {
	b.yesNo("Count", t.count, 0)
	b.yesNo("4XXError", t.clientErrors, t.count-t.clientErrors)
	b.yesNo("5XXError", t.serverErrors, t.count-t.serverErrors)
	b.datum("Latency", "Milliseconds", t.latency.counted()...)
	b.datum("IntegrationLatency", "Milliseconds", t.integration.counted()...)
	if asked := t.cacheHits + t.cacheMisses; asked > 0 {
		b.yesNo("CacheHitCount", t.cacheHits, asked-t.cacheHits)
		b.yesNo("CacheMissCount", t.cacheMisses, asked-t.cacheMisses)
	}
}

func (b *builder) http(t *tally) {
	b.yesNo("Count", t.count, 0)
	b.yesNo("4xx", t.clientErrors, t.count-t.clientErrors)
	b.yesNo("5xx", t.serverErrors, t.count-t.serverErrors)
	b.datum("Latency", "Milliseconds", t.latency.counted()...)
	b.datum("IntegrationLatency", "Milliseconds", t.integration.counted()...)
	b.datum("DataProcessed", "Bytes", t.bytes.counted()...)
}

func (b *builder) lambda(t *tally) {
	ran := t.count - t.throttles
	b.yesNo("Invocations", ran, 0)
	b.yesNo("Errors", t.serverErrors, ran-t.serverErrors)
	b.yesNo("Throttles", t.throttles, ran)
	b.yesNo("AsyncEventsReceived", t.events, 0)
	b.datum("Duration", "Milliseconds", t.latency.counted()...)
}
