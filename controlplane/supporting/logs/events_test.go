package logs

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	cwl "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
)

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
