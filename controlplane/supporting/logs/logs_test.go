package logs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var scope = store.Scope{Account: "000000000000", Region: "us-east-1"}

type fixture struct {
	*cwl.Client
	*Service
	db    *store.DB
	clock *clock
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func start(t *testing.T, dir string, change func(*Config)) *fixture {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{db: db, clock: &clock{now: time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)}}
	cfg := Config{DB: db, Now: f.clock.Now}
	if change != nil {
		change(&cfg)
	}
	f.Service = New(cfg)
	mux := f.Service.Mux()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := awsapi.WithIdentity(r.Context(), awsapi.Identity{Account: scope.Account, Region: scope.Region, RequestID: "req"})
		mux.ServeHTTP(w, r.WithContext(ctx))
	}))
	f.Client = cwl.New(cwl.Options{
		Region: scope.Region, BaseEndpoint: &srv.URL, RetryMaxAttempts: 1, HTTPClient: srv.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	t.Cleanup(func() {
		srv.Close()
		f.Service.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || api.ErrorMessage() != message {
		t.Errorf("got %v\nwant %s: %s", err, code, message)
	}
}

func must[T any](t *testing.T) func(out T, err error) T {
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// put makes the stream if need be and puts messages one millisecond apart.
func (f *fixture) put(t *testing.T, group, stream string, at time.Time, messages ...string) *cwl.PutLogEventsOutput {
	t.Helper()
	_, err := f.CreateLogStream(t.Context(), &cwl.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream})
	var exists *types.ResourceAlreadyExistsException
	if err != nil && !errors.As(err, &exists) {
		t.Fatal(err)
	}
	var events []types.InputLogEvent
	for i, m := range messages {
		events = append(events, types.InputLogEvent{Message: &m, Timestamp: aws.Int64(at.UnixMilli() + int64(i))})
	}
	return must[*cwl.PutLogEventsOutput](t)(f.PutLogEvents(t.Context(), &cwl.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream, LogEvents: events}))
}

func (f *fixture) group(t *testing.T, name string) {
	t.Helper()
	must[*cwl.CreateLogGroupOutput](t)(f.CreateLogGroup(t.Context(), &cwl.CreateLogGroupInput{LogGroupName: &name}))
}

func (f *fixture) filter(t *testing.T, in *cwl.FilterLogEventsInput) []string {
	t.Helper()
	out := must[*cwl.FilterLogEventsOutput](t)(f.FilterLogEvents(t.Context(), in))
	got := []string{}
	for _, e := range out.Events {
		got = append(got, *e.Message)
	}
	return got
}

func TestGroups(t *testing.T) {
	f := start(t, "", nil)
	ctx := t.Context()
	must[*cwl.CreateLogGroupOutput](t)(f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: aws.String("/aws/lambda/b"), Tags: map[string]string{"k": "v"}}))
	f.group(t, "/aws/lambda/a")
	f.group(t, "other")
	_, err := f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: aws.String("other")})
	wantError(t, err, "ResourceAlreadyExistsException", "The specified log group already exists")
	_, err = f.CreateLogGroup(ctx, &cwl.CreateLogGroupInput{LogGroupName: aws.String("a b")})
	wantError(t, err, "InvalidParameterException", `1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`)

	must[*cwl.PutRetentionPolicyOutput](t)(f.PutRetentionPolicy(ctx, &cwl.PutRetentionPolicyInput{LogGroupName: aws.String("/aws/lambda/b"), RetentionInDays: aws.Int32(7)}))
	_, err = f.PutRetentionPolicy(ctx, &cwl.PutRetentionPolicyInput{LogGroupName: aws.String("other"), RetentionInDays: aws.Int32(2)})
	wantError(t, err, "InvalidParameterException", "1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]")

	out := must[*cwl.DescribeLogGroupsOutput](t)(f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/")}))
	want := []types.LogGroup{
		{LogGroupName: aws.String("/aws/lambda/a"), CreationTime: aws.Int64(f.clock.Now().UnixMilli()), MetricFilterCount: aws.Int32(0), StoredBytes: aws.Int64(0), LogGroupClass: "STANDARD",
			Arn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/a:*"), LogGroupArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/a"), DeletionProtectionEnabled: aws.Bool(false)},
		{LogGroupName: aws.String("/aws/lambda/b"), CreationTime: aws.Int64(f.clock.Now().UnixMilli()), MetricFilterCount: aws.Int32(0), StoredBytes: aws.Int64(0), LogGroupClass: "STANDARD", RetentionInDays: aws.Int32(7),
			Arn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/b:*"), LogGroupArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/b"), DeletionProtectionEnabled: aws.Bool(false)},
	}
	if diff := cmp.Diff(want, out.LogGroups, cmp.AllowUnexported(types.LogGroup{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".noSmithyDocumentSerde" }, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
	page := must[*cwl.DescribeLogGroupsOutput](t)(f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{Limit: aws.Int32(2)}))
	rest := must[*cwl.DescribeLogGroupsOutput](t)(f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{Limit: aws.Int32(2), NextToken: page.NextToken}))
	if len(page.LogGroups) != 2 || len(rest.LogGroups) != 1 || *rest.LogGroups[0].LogGroupName != "other" || rest.NextToken != nil {
		t.Errorf("pages %+v %+v", page.LogGroups, rest.LogGroups)
	}
	if got := must[*cwl.DescribeLogGroupsOutput](t)(f.DescribeLogGroups(ctx, &cwl.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("lambda/b")})); len(got.LogGroups) != 1 {
		t.Errorf("by pattern: %+v", got.LogGroups)
	}
	for _, tc := range []struct {
		in            *cwl.DescribeLogGroupsInput
		code, message string
	}{
		{&cwl.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("a"), LogGroupNamePattern: aws.String("b")}, "InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."},
		{&cwl.DescribeLogGroupsInput{NextToken: aws.String("x")}, "InvalidParameterException", "The specified nextToken is invalid."},
		{&cwl.DescribeLogGroupsInput{Limit: aws.Int32(51)}, "InvalidParameterException", "1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50"},
	} {
		_, err := f.DescribeLogGroups(ctx, tc.in)
		wantError(t, err, tc.code, tc.message)
	}

	// Tag calls take the ARN with and without the end.
	for _, arn := range []string{*want[1].Arn, *want[1].LogGroupArn} {
		must[*cwl.TagResourceOutput](t)(f.TagResource(ctx, &cwl.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"x": "1"}}))
		got := must[*cwl.ListTagsForResourceOutput](t)(f.ListTagsForResource(ctx, &cwl.ListTagsForResourceInput{ResourceArn: &arn}))
		if diff := cmp.Diff(map[string]string{"k": "v", "x": "1"}, got.Tags); diff != "" {
			t.Error(diff)
		}
		must[*cwl.UntagResourceOutput](t)(f.UntagResource(ctx, &cwl.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"x", "none"}}))
	}
	_, err = f.ListTagsForResource(ctx, &cwl.ListTagsForResourceInput{ResourceArn: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:nope")})
	wantError(t, err, "ResourceNotFoundException", "The specified resource does not exist.")

	must[*cwl.PutLogGroupDeletionProtectionOutput](t)(f.PutLogGroupDeletionProtection(ctx, &cwl.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: aws.String("other"), DeletionProtectionEnabled: aws.Bool(true)}))
	_, err = f.DeleteLogGroup(ctx, &cwl.DeleteLogGroupInput{LogGroupName: aws.String("other")})
	if err == nil {
		t.Error("a protected group was deleted")
	}
	must[*cwl.DeleteLogGroupOutput](t)(f.DeleteLogGroup(ctx, &cwl.DeleteLogGroupInput{LogGroupName: aws.String("/aws/lambda/a")}))
	_, err = f.DeleteLogGroup(ctx, &cwl.DeleteLogGroupInput{LogGroupName: aws.String("/aws/lambda/a")})
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
}

func TestStreams(t *testing.T) {
	f := start(t, "", nil)
	ctx := t.Context()
	g := aws.String("g")
	_, err := f.CreateLogStream(ctx, &cwl.CreateLogStreamInput{LogGroupName: g, LogStreamName: aws.String("s")})
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
	f.group(t, "g")
	now := f.clock.Now()
	f.put(t, "g", "b", now, "first", "second")
	f.put(t, "g", "c", now.Add(-time.Minute), "older")
	must[*cwl.CreateLogStreamOutput](t)(f.CreateLogStream(ctx, &cwl.CreateLogStreamInput{LogGroupName: g, LogStreamName: aws.String("a")}))
	_, err = f.CreateLogStream(ctx, &cwl.CreateLogStreamInput{LogGroupName: g, LogStreamName: aws.String("a")})
	wantError(t, err, "ResourceAlreadyExistsException", "The specified log stream already exists")

	for _, tc := range []struct {
		name string
		in   cwl.DescribeLogStreamsInput
		want string
	}{
		{"by name", cwl.DescribeLogStreamsInput{}, "a b c"},
		{"by name, descending", cwl.DescribeLogStreamsInput{Descending: aws.Bool(true)}, "c b a"},
		{"by last event", cwl.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime}, "a c b"},
		{"newest event first", cwl.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true)}, "b c a"},
		{"prefix", cwl.DescribeLogStreamsInput{LogStreamNamePrefix: aws.String("b")}, "b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.in.LogGroupName = g
			out := must[*cwl.DescribeLogStreamsOutput](t)(f.DescribeLogStreams(ctx, &tc.in))
			var names []string
			for _, s := range out.LogStreams {
				names = append(names, *s.LogStreamName)
			}
			if got := strings.Join(names, " "); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	out := must[*cwl.DescribeLogStreamsOutput](t)(f.DescribeLogStreams(ctx, &cwl.DescribeLogStreamsInput{LogGroupIdentifier: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:g"), LogStreamNamePrefix: aws.String("b")}))
	b := out.LogStreams[0]
	if *b.FirstEventTimestamp != now.UnixMilli() || *b.LastEventTimestamp != now.UnixMilli()+1 || *b.LastIngestionTime != now.UnixMilli() || *b.Arn != "arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:b" {
		t.Errorf("stream %+v", b)
	}
	_, err = f.DescribeLogStreams(ctx, &cwl.DescribeLogStreamsInput{LogGroupName: g, LogGroupIdentifier: g})
	wantError(t, err, "ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	_, err = f.DescribeLogStreams(ctx, &cwl.DescribeLogStreamsInput{LogGroupName: g, OrderBy: types.OrderByLastEventTime, LogStreamNamePrefix: aws.String("b")})
	wantError(t, err, "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")

	// A stream made anew has none of the events of the one before.
	must[*cwl.DeleteLogStreamOutput](t)(f.DeleteLogStream(ctx, &cwl.DeleteLogStreamInput{LogGroupName: g, LogStreamName: aws.String("b")}))
	f.put(t, "g", "b", now, "new")
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: g, LogStreamNames: []string{"b"}}); !cmp.Equal(got, []string{"new"}) {
		t.Errorf("events %v", got)
	}
	_, err = f.DeleteLogStream(ctx, &cwl.DeleteLogStreamInput{LogGroupName: g, LogStreamName: aws.String("nope")})
	wantError(t, err, "ResourceNotFoundException", "The specified log stream does not exist.")
}

func TestPutLogEventsRefusals(t *testing.T) {
	f := start(t, "", nil)
	ctx := t.Context()
	f.group(t, "g")
	now := f.clock.Now()
	f.put(t, "g", "s", now, "one")
	at := func(d time.Duration, m string) types.InputLogEvent {
		return types.InputLogEvent{Timestamp: aws.Int64(now.Add(d).UnixMilli()), Message: &m}
	}
	for _, tc := range []struct {
		name, stream  string
		events        []types.InputLogEvent
		code, message string
	}{
		{"order", "s", []types.InputLogEvent{at(0, "b"), at(-time.Second, "a")}, "InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order."},
		{"span", "s", []types.InputLogEvent{at(-25*time.Hour, "a"), at(0, "b")}, "InvalidParameterException", "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."},
		{"size", "s", []types.InputLogEvent{at(0, strings.Repeat("x", 1<<20))}, "InvalidParameterException", "Upload too large: 1048602 bytes exceeds limit of 1048576"},
		{"no stream", "none", []types.InputLogEvent{at(0, "a")}, "ResourceNotFoundException", "The specified log stream does not exist."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := f.PutLogEvents(ctx, &cwl.PutLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: &tc.stream, LogEvents: tc.events})
			wantError(t, err, tc.code, tc.message)
		})
	}
	out := must[*cwl.PutLogEventsOutput](t)(f.PutLogEvents(ctx, &cwl.PutLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"),
		LogEvents: []types.InputLogEvent{at(time.Hour, "fine"), at(3*time.Hour, "new"), at(4*time.Hour, "newer")}}))
	if r := out.RejectedLogEventsInfo; r == nil || *r.TooNewLogEventStartIndex != 1 || r.TooOldLogEventEndIndex != nil {
		t.Errorf("rejected %+v", r)
	}
	out = must[*cwl.PutLogEventsOutput](t)(f.PutLogEvents(ctx, &cwl.PutLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"),
		LogEvents: []types.InputLogEvent{at(-14*24*time.Hour-time.Minute, "old"), at(-14*24*time.Hour+time.Minute, "fine too")}}))
	if r := out.RejectedLogEventsInfo; r == nil || *r.TooOldLogEventEndIndex != 1 {
		t.Errorf("rejected %+v", r)
	}
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: aws.String("g")}); !cmp.Equal(got, []string{"fine too", "one", "fine"}) {
		t.Errorf("kept %v", got)
	}
}

func TestGetLogEventsTokens(t *testing.T) {
	f := start(t, "", nil)
	f.group(t, "g")
	now := f.clock.Now()
	f.put(t, "g", "s", now, "1", "2", "3", "4", "5")
	get := func(change func(*cwl.GetLogEventsInput)) (string, *cwl.GetLogEventsOutput) {
		t.Helper()
		in := &cwl.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), Limit: aws.Int32(2)}
		change(in)
		out := must[*cwl.GetLogEventsOutput](t)(f.GetLogEvents(t.Context(), in))
		var m []string
		for _, e := range out.Events {
			m = append(m, *e.Message)
		}
		return strings.Join(m, " "), out
	}
	check := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	got, tail := get(func(*cwl.GetLogEventsInput) {})
	check(got, "4 5")
	if tok := *tail.NextForwardToken; len(tok) != 2+56+2 || !strings.HasPrefix(tok, "f/") || !strings.HasSuffix(tok, "/s") {
		t.Errorf("token %s", tok)
	}
	got, mid := get(func(in *cwl.GetLogEventsInput) { in.NextToken = tail.NextBackwardToken })
	check(got, "2 3")
	got, _ = get(func(in *cwl.GetLogEventsInput) { in.NextToken = mid.NextBackwardToken })
	check(got, "1")

	got, head := get(func(in *cwl.GetLogEventsInput) { in.StartFromHead = aws.Bool(true) })
	check(got, "1 2")
	var end *cwl.GetLogEventsOutput
	token := head.NextForwardToken
	for _, want := range []string{"3 4", "5", ""} {
		got, end = get(func(in *cwl.GetLogEventsInput) { in.NextToken, in.StartFromHead = token, aws.Bool(true) })
		check(got, want)
		if want == "" && *end.NextForwardToken != *token {
			t.Error("the end of the stream is not told by the same token")
		}
		token = end.NextForwardToken
	}
	f.put(t, "g", "s", now.Add(time.Second), "6")
	got, _ = get(func(in *cwl.GetLogEventsInput) { in.NextToken = token })
	check(got, "6")
	got, _ = get(func(in *cwl.GetLogEventsInput) {
		in.StartTime, in.EndTime, in.StartFromHead = aws.Int64(now.UnixMilli()+1), aws.Int64(now.UnixMilli()+2), aws.Bool(true)
	})
	check(got, "2")

	for _, token := range []string{"x", "f/1/s", "q/" + strings.Repeat("3", 56) + "/s", "f/" + strings.Repeat("3", 56) + "/s"} {
		_, err := f.GetLogEvents(t.Context(), &cwl.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), NextToken: &token})
		wantError(t, err, "InvalidParameterException", "The specified nextToken is invalid.")
	}
	_, err := f.GetLogEvents(t.Context(), &cwl.GetLogEventsInput{LogGroupName: aws.String("g"), LogStreamName: aws.String("s"), Limit: aws.Int32(10001)})
	wantError(t, err, "InvalidParameterException", "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000")
}

func TestFilterLogEvents(t *testing.T) {
	f := start(t, "", nil)
	ctx := t.Context()
	f.group(t, "g")
	g := aws.String("g")
	now := f.clock.Now()
	f.put(t, "g", "app/1", now, "ERROR one", `{"level":"ERROR","n":4}`)
	f.put(t, "g", "app/2", now, "INFO two", "ERROR three")
	f.put(t, "g", "db", now.Add(time.Second), "ERROR four")
	for _, tc := range []struct {
		name string
		in   cwl.FilterLogEventsInput
		want []string
	}{
		{"all, in order of time", cwl.FilterLogEventsInput{}, []string{"ERROR one", "INFO two", `{"level":"ERROR","n":4}`, "ERROR three", "ERROR four"}},
		{"term", cwl.FilterLogEventsInput{FilterPattern: aws.String("ERROR -four")}, []string{"ERROR one", `{"level":"ERROR","n":4}`, "ERROR three"}},
		{"json", cwl.FilterLogEventsInput{FilterPattern: aws.String(`{ $.level = "ERROR" && $.n > 3 }`)}, []string{`{"level":"ERROR","n":4}`}},
		{"fields", cwl.FilterLogEventsInput{FilterPattern: aws.String(`[level = ERROR, what = t*]`)}, []string{"ERROR three"}},
		{"prefix", cwl.FilterLogEventsInput{LogStreamNamePrefix: aws.String("app/2")}, []string{"INFO two", "ERROR three"}},
		{"names", cwl.FilterLogEventsInput{LogStreamNames: []string{"db", "app/2", "db"}}, []string{"INFO two", "ERROR three", "ERROR four"}},
		{"range with its end", cwl.FilterLogEventsInput{StartTime: aws.Int64(now.UnixMilli() + 1), EndTime: aws.Int64(now.UnixMilli() + 1000)}, []string{`{"level":"ERROR","n":4}`, "ERROR three", "ERROR four"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.in.LogGroupName = g
			if diff := cmp.Diff(tc.want, f.filter(t, &tc.in)); diff != "" {
				t.Error(diff)
			}
		})
	}

	var ids, messages []string
	p := cwl.NewFilterLogEventsPaginator(f.Client, &cwl.FilterLogEventsInput{LogGroupName: g, Limit: aws.Int32(2)})
	pages := 0
	for ; p.HasMorePages(); pages++ {
		out := must[*cwl.FilterLogEventsOutput](t)(p.NextPage(ctx))
		for _, e := range out.Events {
			ids, messages = append(ids, *e.EventId), append(messages, *e.Message)
		}
	}
	if pages != 3 || len(messages) != 5 {
		t.Errorf("%d pages of %v", pages, messages)
	}
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] || len(id) != 56 {
			t.Errorf("event id %s", id)
		}
		seen[id] = true
	}
	for _, tc := range []struct {
		in            cwl.FilterLogEventsInput
		code, message string
	}{
		{cwl.FilterLogEventsInput{LogGroupName: g, NextToken: aws.String("x")}, "InvalidParameterException", "The specified nextToken is invalid."},
		{cwl.FilterLogEventsInput{LogGroupName: g, FilterPattern: aws.String("a:b")}, "InvalidParameterException", "Invalid character(s) in term 'a:b'"},
		{cwl.FilterLogEventsInput{LogGroupName: aws.String("nope")}, "ResourceNotFoundException", "The specified log group does not exist."},
		{cwl.FilterLogEventsInput{LogGroupName: g, LogStreamNames: []string{"nope"}}, "ResourceNotFoundException", "The specified log stream does not exist."},
	} {
		_, err := f.FilterLogEvents(ctx, &tc.in)
		wantError(t, err, tc.code, tc.message)
	}
	m := must[*cwl.TestMetricFilterOutput](t)(f.TestMetricFilter(ctx, &cwl.TestMetricFilterInput{FilterPattern: aws.String("{ $.n > 3 }"), LogEventMessages: []string{"x", `{"n":4}`}}))
	if len(m.Matches) != 1 || m.Matches[0].EventNumber != 2 || m.Matches[0].ExtractedValues["$.n"] != "4" {
		t.Errorf("matches %+v", m.Matches)
	}
}

func TestRetentionHidesAndRemoves(t *testing.T) {
	f := start(t, "", nil)
	f.group(t, "g")
	g := aws.String("g")
	f.put(t, "g", "s", f.clock.Now(), "old")
	f.clock.advance(12 * time.Hour)
	f.put(t, "g", "s", f.clock.Now(), "young")
	must[*cwl.PutRetentionPolicyOutput](t)(f.PutRetentionPolicy(t.Context(), &cwl.PutRetentionPolicyInput{LogGroupName: g, RetentionInDays: aws.Int32(1)}))
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: g}); !cmp.Equal(got, []string{"old", "young"}) {
		t.Errorf("nothing is a day old: %v", got)
	}
	f.clock.advance(13 * time.Hour)
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: g}); !cmp.Equal(got, []string{"young"}) {
		t.Errorf("got %v", got)
	}
	if n := f.batchRecords(t); n != 1 {
		t.Errorf("%d records are left", n)
	}
	if _, err := f.DeleteRetentionPolicy(t.Context(), &cwl.DeleteRetentionPolicyInput{LogGroupName: g}); err != nil {
		t.Fatal(err)
	}
}

// batchRecords counts batches once the writer has nothing left to remove.
func (f *fixture) batchRecords(t *testing.T) int {
	t.Helper()
	f.Service.removeGone()
	n := 0
	if err := f.db.View(func(tx *store.Tx) error {
		n = len(batches.All(tx))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestBounds(t *testing.T) {
	f := start(t, "", func(c *Config) { c.MaxStreamBytes, c.MaxBytes = 100, 200 })
	f.group(t, "g")
	for i := range 9 {
		// 30 bytes each with what AWS adds: 3 fit into a stream, 6 into the whole.
		f.put(t, "g", fmt.Sprint("s", i/4), f.clock.Now(), fmt.Sprint("msg", i))
	}
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: aws.String("g")}); !cmp.Equal(got, []string{"msg2", "msg3", "msg5", "msg6", "msg7", "msg8"}) {
		t.Errorf("kept %v", got)
	}
	if n := f.batchRecords(t); n != 6 {
		t.Errorf("%d records", n)
	}
}

func TestSink(t *testing.T) {
	f := start(t, "", nil)
	now := f.clock.Now()
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 50 {
				f.Put(scope, "/aws/lambda/fn", fmt.Sprint("s", w), []Event{
					{Time: now.Add(time.Duration(i) * time.Millisecond), Message: fmt.Sprintf("line %d\n", i)},
					{Time: now, Message: ""}, // nothing to keep
				})
			}
		})
	}
	writers.Wait()
	f.Put(scope, "/aws/lambda/fn", "s0", []Event{{Time: now.Add(time.Second), Message: "not \xff utf-8"}})
	// The read comes after the writes, however far the writer is.
	got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: aws.String("/aws/lambda/fn"), LogStreamNames: []string{"s0"}})
	if len(got) != 51 || got[0] != "line 0\n" || got[49] != "line 49\n" || got[50] != "not \uFFFD utf-8" {
		t.Errorf("got %d events: %q", len(got), got)
	}
	if f.Dropped() != 0 {
		t.Errorf("dropped %d", f.Dropped())
	}
	f.Service.Close()
	f.Put(scope, "/aws/lambda/fn", "s0", []Event{{Time: now, Message: "late"}})
	if f.Dropped() != 1 {
		t.Errorf("after the end: dropped %d", f.Dropped())
	}
}

func TestEventsSurviveRestart(t *testing.T) {
	dir := t.TempDir()
	var before, after []string
	all := &cwl.FilterLogEventsInput{LogGroupName: aws.String("g")}
	t.Run("write", func(t *testing.T) {
		f := start(t, dir, nil)
		f.group(t, "g")
		f.put(t, "g", "s", f.clock.Now(), "one", "two")
		f.Put(scope, "g", "sink", []Event{{Time: f.clock.Now(), Message: "three"}})
		before = ids(t, f, all)
	})
	f := start(t, dir, nil)
	after = ids(t, f, all)
	if diff := cmp.Diff(before, after); diff != "" || len(after) != 3 {
		t.Errorf("%d events after a restart: %s", len(after), diff)
	}
	f.put(t, "g", "s", f.clock.Now(), "four")
	if got := ids(t, f, all); len(got) != 4 {
		t.Errorf("%d events after another", len(got))
	}
}

func ids(t *testing.T, f *fixture, in *cwl.FilterLogEventsInput) []string {
	t.Helper()
	var out []string
	for _, e := range must[*cwl.FilterLogEventsOutput](t)(f.FilterLogEvents(t.Context(), in)).Events {
		out = append(out, *e.EventId+*e.LogStreamName+*e.Message)
	}
	return out
}

func TestResetForgetsEvents(t *testing.T) {
	f := start(t, "", nil)
	f.Put(scope, "g", "s", []Event{{Time: f.clock.Now(), Message: "before"}})
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: aws.String("g")}); len(got) != 1 {
		t.Fatalf("got %v", got)
	}
	if err := f.db.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Service.Reset()
	_, err := f.FilterLogEvents(t.Context(), &cwl.FilterLogEventsInput{LogGroupName: aws.String("g")})
	wantError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
	f.Put(scope, "g", "s", []Event{{Time: f.clock.Now(), Message: "after"}})
	if got := f.filter(t, &cwl.FilterLogEventsInput{LogGroupName: aws.String("g")}); !cmp.Equal(got, []string{"after"}) {
		t.Errorf("got %v", got)
	}
}

func TestResourcePolicies(t *testing.T) {
	f := start(t, "", nil)
	ctx := t.Context()
	doc := aws.String(`{"Version":"2012-10-17","Statement":[]}`)
	must[*cwl.PutResourcePolicyOutput](t)(f.PutResourcePolicy(ctx, &cwl.PutResourcePolicyInput{PolicyName: aws.String("p"), PolicyDocument: doc}))
	out := must[*cwl.DescribeResourcePoliciesOutput](t)(f.DescribeResourcePolicies(ctx, &cwl.DescribeResourcePoliciesInput{}))
	if len(out.ResourcePolicies) != 1 || *out.ResourcePolicies[0].PolicyDocument != *doc || *out.ResourcePolicies[0].LastUpdatedTime != f.clock.Now().UnixMilli() {
		t.Errorf("policies %+v", out.ResourcePolicies)
	}
	must[*cwl.DeleteResourcePolicyOutput](t)(f.DeleteResourcePolicy(ctx, &cwl.DeleteResourcePolicyInput{PolicyName: aws.String("p")}))
	_, err := f.DeleteResourcePolicy(ctx, &cwl.DeleteResourcePolicyInput{PolicyName: aws.String("p")})
	wantError(t, err, "ResourceNotFoundException", "Policy with name [p] does not exist")
}

func BenchmarkPut(b *testing.B) {
	db, err := store.Open("")
	if err != nil {
		b.Fatal(err)
	}
	s := New(Config{DB: db, Now: func() time.Time { return time.Unix(0, 0) }})
	defer s.Close()
	line := []Event{{Time: time.Unix(1, 0), Message: "START RequestId: 0b6e7c0e-7b7b-4c2c-8b6b-0c6f0f6f0f6f Version: $LATEST\n"}}
	b.ReportAllocs()
	for b.Loop() {
		s.Put(scope, "/aws/lambda/fn", "s", line)
	}
	b.ReportMetric(float64(s.Dropped())/float64(b.N), "dropped/op")
}
