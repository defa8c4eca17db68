package logs

import (
	"context"
	"errors"
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

func TestEveryOperationIsBuilt(t *testing.T) {
	got := start(t, "", nil).Service.Mux().Coverage()
	if len(got.Unbuilt) != 0 {
		t.Errorf("not built: %v", got.Unbuilt)
	}
}
