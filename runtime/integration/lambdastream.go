package integration

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/postern/postern/runtime/reqcontext"
)

// invoked is what an invocation came to.
type invoked struct {
	out LambdaResponse
	err error
}

// stream calls the function and gives its answer as soon as that begins. The answer is
// read from the response's Stream; a function that fails before it answers is told as
// if nothing was streamed.
func (l *Lambda) stream(ctx context.Context, req *Request, call LambdaRequest) (*Response, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	r, w := io.Pipe()
	begun, ended := make(chan struct{}), make(chan invoked, 1)
	var once sync.Once
	call.Stream = func(string) io.Writer {
		once.Do(func() { close(begun) })
		return w
	}
	go func() {
		out, err := l.Invoker.Invoke(ctx, call)
		ended <- invoked{out, err}
		if err == nil && out.FunctionError != "" {
			err = errors.New("the function failed while it answered: " + out.FunctionError)
		}
		_ = w.CloseWithError(err) // never fails; nil is the end of the answer
	}()
	select {
	case <-begun:
		body := &lambdaStream{PipeReader: r, ended: ended, in: &req.Context.Integration, cancel: cancel}
		return &Response{Status: 200, Stream: newIdle(body, l.Idle, cancel), Length: -1}, nil
	case end := <-ended:
		defer cancel()
		_ = r.Close() // never fails
		return l.response(ctx, req, end.out, end.err)
	}
}

// lambdaStream notes what is known of an invocation once its answer ends.
type lambdaStream struct {
	*io.PipeReader
	ended  chan invoked
	in     *reqcontext.Integration
	cancel context.CancelFunc
}

func (s *lambdaStream) Read(p []byte) (int, error) {
	n, err := s.PipeReader.Read(p)
	if err != nil {
		s.note()
	}
	return n, err
}

// note reads the outcome where there is one already.
func (s *lambdaStream) note() {
	select {
	case end := <-s.ended:
		s.in.ServiceStatus, s.in.RequestID = end.out.StatusCode, end.out.RequestID
		if end.err != nil {
			s.in.Error = end.err.Error()
		}
	default:
	}
}

func (s *lambdaStream) Close() error {
	err := s.PipeReader.Close()
	s.cancel()
	return err
}

// idle ends an exchange whose answer stands still.
type idle struct {
	io.ReadCloser
	timer *time.Timer
	after time.Duration
}

// newIdle watches a body; cancel ends its exchange. No time at all is no limit.
func newIdle(body io.ReadCloser, after time.Duration, cancel context.CancelFunc) io.ReadCloser {
	if after == 0 {
		return body
	}
	return &idle{body, time.AfterFunc(after, cancel), after}
}

func (i *idle) Read(p []byte) (int, error) {
	n, err := i.ReadCloser.Read(p)
	if err == nil {
		i.timer.Reset(i.after)
	}
	return n, err
}

func (i *idle) Close() error {
	i.timer.Stop()
	return i.ReadCloser.Close()
}
