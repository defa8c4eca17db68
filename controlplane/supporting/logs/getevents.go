package logs

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
)

// AWS: a page of events holds at most so many, and so many bytes.
const (
	maxEvents     = 10000
	maxEventBytes = 1 << 20
)

// id gives an event's 56 digits: unique, stable, in the order of events.
func (p position) id() string { return fmt.Sprintf("3%018d%037d", p.time, p.seq) }

const idDigits = 56

func parseID(id string) (position, bool) {
	if len(id) != idDigits || id[0] != '3' {
		return position{}, false
	}
	t, err := strconv.ParseUint(id[1:19], 10, 63)
	seq, err2 := strconv.ParseUint(id[19:], 10, 64)
	return position{int64(t), seq}, err == nil && err2 == nil
}

// getLogEvents pages through a stream in both directions. A token is the position
// of the first (b/) or last (f/) event of the page it came with; at the end of the
// stream the token that was sent comes back.
func (s *Service) getLogEvents(ctx context.Context, in *wire.GetLogEventsInput) (*wire.GetLogEventsOutput, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	return read(ctx, s, func(tx *txn) (*wire.GetLogEventsOutput, error) {
		g, err := tx.named(in.LogGroupName, in.LogGroupIdentifier)
		if err != nil {
			return nil, err
		}
		st, err := tx.stream(g.Name, *in.LogStreamName)
		if err != nil {
			return nil, err
		}
		from, forward, err := getToken(in)
		if err != nil {
			return nil, err
		}
		out := &wire.GetLogEventsOutput{Events: []wire.OutputLogEvent{}}
		first, last := from, from
		tx.events(g, st, func(l *streamLog, start int64) {
			events := l.between(max(start, awsapi.Val(in.StartTime)), orMax(in.EndTime))
			events = cutPage(after(events, from, forward, in.NextToken != nil), forward, limitOf(in.Limit))
			for _, e := range events {
				out.Events = append(out.Events, wire.OutputLogEvent{Timestamp: &e.time, Message: e.message(), IngestionTime: e.ingested()})
			}
			if len(events) > 0 {
				first, last = events[0].position, events[len(events)-1].position
			}
		})
		out.NextBackwardToken = awsapi.Ptr("b/" + first.id() + "/s")
		out.NextForwardToken = awsapi.Ptr("f/" + last.id() + "/s")
		return out, nil
	})
}

func getToken(in *wire.GetLogEventsInput) (from position, forward bool, err error) {
	if in.NextToken == nil {
		return position{}, awsapi.Val(in.StartFromHead), nil
	}
	parts := strings.Split(*in.NextToken, "/")
	if len(parts) != 3 || parts[2] != "s" || parts[0] != "f" && parts[0] != "b" {
		return position{}, false, badToken()
	}
	from, ok := parseID(parts[1])
	if !ok {
		return position{}, false, badToken()
	}
	return from, parts[0] == "f", nil
}

// after gives the events on the far side of a token's position.
func after(events []event, from position, forward, paging bool) []event {
	if !paging {
		return events
	}
	l := streamLog{events: events}
	if !forward {
		return events[:l.from(from)]
	}
	return events[l.from(position{from.time, from.seq + 1}):]
}

// cutPage takes as many events as a page holds, from the head or from the tail.
func cutPage(events []event, head bool, limit int) []event {
	n, bytes := 0, 0
	for n < len(events) && n < limit {
		e := events[n]
		if !head {
			e = events[len(events)-1-n]
		}
		bytes += len(*e.message()) + eventOverhead
		if bytes > maxEventBytes && n > 0 {
			break
		}
		n++
	}
	if head {
		return events[:n]
	}
	return events[len(events)-n:]
}

func limitOf(limit *int) int {
	if limit == nil {
		return maxEvents
	}
	return *limit
}

func orMax(t *int64) int64 {
	if t == nil {
		return math.MaxInt64
	}
	return *t
}
