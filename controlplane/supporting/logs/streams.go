package logs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	wire "github.com/postern/postern/controlplane/internal/wire/logs"
)

func (s *Service) createLogStream(ctx context.Context, in *wire.CreateLogStreamInput) (*awsapi.Empty, error) {
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		if _, err := tx.group(*in.LogGroupName); err != nil {
			return nil, err
		}
		if _, ok := streams.Get(tx.Tx, tx.scope, streamKey(*in.LogGroupName, *in.LogStreamName)); ok {
			return nil, alreadyExists("log stream")
		}
		tx.ensureStream(*in.LogGroupName, *in.LogStreamName)
		return nil, nil
	})
}

func (s *Service) deleteLogStream(ctx context.Context, in *wire.DeleteLogStreamInput) (*awsapi.Empty, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	return edit(ctx, s, func(tx *txn) (*awsapi.Empty, error) {
		st, err := tx.stream(*in.LogGroupName, *in.LogStreamName)
		if err != nil {
			return nil, err
		}
		tx.dropStream(*in.LogGroupName, st)
		return nil, nil
	})
}

func (tx *txn) dropStream(group string, st *stream) {
	streams.Delete(tx.Tx, tx.scope, streamKey(group, st.Name))
	tx.s.journal.read(st.ID, func(l *streamLog) {
		for _, c := range l.chunks {
			batches.Delete(tx.Tx, tx.scope, batchKey(c.stream, c.first))
		}
	})
	tx.s.journal.forget(st.ID)
}

// streamState is a stream with what its events tell.
type streamState struct {
	*stream
	first, last, ingested int64 // 0: no events
}

func (s *Service) describeLogStreams(ctx context.Context, in *wire.DescribeLogStreamsInput) (*wire.DescribeLogStreamsOutput, error) {
	byTime := awsapi.Val(in.OrderBy) == "LastEventTime"
	if byTime && in.LogStreamNamePrefix != nil {
		return nil, invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	return read(ctx, s, func(tx *txn) (*wire.DescribeLogStreamsOutput, error) {
		g, err := tx.named(in.LogGroupName, in.LogGroupIdentifier)
		if err != nil {
			return nil, err
		}
		var found []streamState
		for _, st := range streams.List(tx.Tx, tx.scope, streamKey(g.Name, awsapi.Val(in.LogStreamNamePrefix))) {
			found = append(found, tx.state(g, st))
		}
		slices.SortFunc(found, func(a, b streamState) int {
			order := strings.Compare(a.Name, b.Name)
			if byTime {
				order = cmp.Or(cmp.Compare(a.last, b.last), order)
			}
			if awsapi.Val(in.Descending) {
				order = -order
			}
			return order
		})
		cut, next, err := page(found, in.NextToken, in.Limit)
		out := []wire.LogStream{}
		for _, st := range cut {
			out = append(out, tx.wireStream(g, st))
		}
		return &wire.DescribeLogStreamsOutput{LogStreams: out, NextToken: next}, err
	})
}

func (tx *txn) state(g *group, st *stream) streamState {
	out := streamState{stream: st}
	tx.events(g, st, func(l *streamLog, start int64) {
		if have := l.events[l.from(position{time: start}):]; len(have) > 0 {
			out.first, out.last, out.ingested = have[0].time, l.lastEvent, l.lastIngested
		}
	})
	return out
}

// wireStream gives storedBytes 0: AWS stopped counting the bytes of streams.
func (tx *txn) wireStream(g *group, st streamState) wire.LogStream {
	w := wire.LogStream{
		LogStreamName: &st.Name,
		CreationTime:  &st.Created,
		Arn:           awsapi.Ptr(tx.arn(g.Name) + ":log-stream:" + st.Name),
		StoredBytes:   awsapi.Ptr(int64(0)),
	}
	if st.ingested != 0 {
		w.FirstEventTimestamp, w.LastEventTimestamp, w.LastIngestionTime = &st.first, &st.last, &st.ingested
		w.UploadSequenceToken = awsapi.Ptr(sequenceToken(uint64(st.ingested)))
	}
	return w
}

// events hands fn what the journal has of a stream, and the time before which the
// group's retention hides events.
func (tx *txn) events(g *group, st *stream, fn func(l *streamLog, start int64)) {
	start := int64(0)
	if g.Retention > 0 {
		start = tx.s.now().Add(-time.Duration(g.Retention) * 24 * time.Hour).UnixMilli()
		tx.s.journal.expire(st.ID, start)
		tx.s.queue.signal() // the writer deletes the records
	}
	tx.s.journal.read(st.ID, func(l *streamLog) { fn(l, start) })
}
