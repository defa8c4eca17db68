package logs

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
	"github.com/postern/postern/controlplane/supporting/logs/filterpattern"
)

// filterLogEvents searches the streams of a group. Events of all streams come in
// order of time, as AWS does whatever "interleaved" says; "unmask" has nothing to
// unmask.
func (s *Service) filterLogEvents(ctx context.Context, in *wire.FilterLogEventsInput) (*wire.FilterLogEventsOutput, error) {
	if in.LogStreamNamePrefix != nil && len(in.LogStreamNames) > 0 {
		// unverified against AWS: the text.
		return nil, invalidParameter("LogStream name prefix and LogStream names are mutually exclusive parameters.")
	}
	pattern, err := compile(awsapi.Val(in.FilterPattern))
	if err != nil {
		return nil, err
	}
	from, err := filterToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	return read(ctx, s, func(tx *txn) (*wire.FilterLogEventsOutput, error) {
		g, err := tx.named(in.LogGroupName, in.LogGroupIdentifier)
		if err != nil {
			return nil, err
		}
		searched, err := tx.searched(g, in)
		if err != nil {
			return nil, err
		}
		limit := limitOf(in.Limit)
		var hits []found
		for _, st := range searched {
			tx.events(g, st, func(l *streamLog, start int64) {
				// The end is part of the range here, unlike in GetLogEvents.
				end := orMax(in.EndTime)
				if end < math.MaxInt64 {
					end++
				}
				events := after(l.between(max(start, awsapi.Val(in.StartTime)), end), from, true, in.NextToken != nil)
				// One more than fits tells that there is a next page.
				hits = appendMatching(hits, st, events, pattern, limit+1)
			})
		}
		return filterPage(hits, limit), nil
	})
}

type found struct {
	stream *stream
	event
}

func appendMatching(to []found, st *stream, events []event, p *filterpattern.Pattern, limit int) []found {
	for _, e := range events {
		if p.Match(*e.message()) {
			to = append(to, found{st, e})
			if limit--; limit == 0 {
				break
			}
		}
	}
	return to
}

func filterPage(all []found, limit int) *wire.FilterLogEventsOutput {
	slices.SortFunc(all, func(a, b found) int { return a.compare(b.position) })
	plain := make([]event, len(all))
	for i, f := range all {
		plain[i] = f.event
	}
	n := len(cutPage(plain, true, limit))
	out := &wire.FilterLogEventsOutput{Events: []wire.FilteredLogEvent{}, SearchedLogStreams: []wire.SearchedLogStream{}}
	for _, f := range all[:n] {
		out.Events = append(out.Events, wire.FilteredLogEvent{
			LogStreamName: &f.stream.Name,
			Timestamp:     &f.time,
			Message:       f.message(),
			IngestionTime: f.ingested(),
			EventId:       awsapi.Ptr(f.id()),
		})
	}
	if n < len(all) {
		out.NextToken = awsapi.Ptr(filterTokenPrefix + all[n-1].id())
	}
	return out
}

// searched gives the streams that a search is to look at.
func (tx *txn) searched(g *group, in *wire.FilterLogEventsInput) ([]*stream, error) {
	if len(in.LogStreamNames) == 0 {
		return streams.List(tx.Tx, tx.scope, streamKey(g.Name, awsapi.Val(in.LogStreamNamePrefix))), nil
	}
	var out []*stream
	for _, name := range in.LogStreamNames {
		st, err := tx.stream(g.Name, name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, st) {
			out = append(out, st)
		}
	}
	return out, nil
}

const filterTokenPrefix = "Bxkq6kVGFtq2y_"

func filterToken(token *string) (position, error) {
	if token == nil {
		return position{}, nil
	}
	id, ok := strings.CutPrefix(*token, filterTokenPrefix)
	if ok {
		var p position
		if p, ok = parseID(id); ok {
			return p, nil
		}
	}
	return position{}, badToken()
}

func compile(text string) (*filterpattern.Pattern, error) {
	p, err := filterpattern.Compile(text)
	if err != nil {
		return nil, invalidParameter(err.Error())
	}
	return p, nil
}

// testMetricFilter shows which messages a pattern matches, and what it reads there.
func (s *Service) testMetricFilter(_ context.Context, in *wire.TestMetricFilterInput) (*wire.TestMetricFilterOutput, error) {
	p, err := compile(*in.FilterPattern)
	if err != nil {
		return nil, err
	}
	out := &wire.TestMetricFilterOutput{Matches: []wire.MetricFilterMatchRecord{}}
	for i, m := range in.LogEventMessages {
		if values, ok := p.Extract(m); ok {
			out.Matches = append(out.Matches, wire.MetricFilterMatchRecord{EventNumber: awsapi.Ptr(int64(i + 1)), EventMessage: &m, ExtractedValues: values})
		}
	}
	return out, nil
}
