package awsapi

import (
	"context"
	"net/http"
	"reflect"
)

// Handler is one bound operation; make it with Op or Stream.
type Handler struct {
	input  func() Shaped
	call   func(context.Context, Shaped) (Shaped, error)
	stream func(context.Context, Shaped, http.ResponseWriter) error
}

type shapedPtr[T any] interface {
	*T
	Shaped
}

// Op binds a typed operation function. The function gets an input whose model
// constraints hold (see Options.Unchecked) and returns the output or an *Error.
func Op[In, Out any, PIn shapedPtr[In], POut shapedPtr[Out]](fn func(context.Context, PIn) (POut, error)) Handler {
	return Handler{
		input: func() Shaped { return PIn(new(In)) },
		call: func(ctx context.Context, in Shaped) (Shaped, error) {
			out, err := fn(ctx, in.(PIn))
			if err != nil || out == nil {
				return &Empty{}, err
			}
			return out, nil
		},
	}
}

// Stream binds an operation that writes its own response (event streams). An error
// returned before the first write becomes an AWS error answer.
func Stream[In any, PIn shapedPtr[In]](fn func(context.Context, PIn, http.ResponseWriter) error) Handler {
	return Handler{
		input: func() Shaped { return PIn(new(In)) },
		stream: func(ctx context.Context, in Shaped, w http.ResponseWriter) error {
			return fn(ctx, in.(PIn), w)
		},
	}
}

func structOf(s Shaped) reflect.Value { return reflect.ValueOf(s).Elem() }
