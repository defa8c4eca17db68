package api

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// Config joins the API with its surroundings. Service and Logger are required.
type Config struct {
	Service *lambda.Service
	Logger  *slog.Logger

	// BaseURL is how the caller reaches Postern, for links in answers; the identity's BaseURL if nil.
	BaseURL func(ctx context.Context) string

	// Strict refuses settings that Postern does not act on; they are logged otherwise.
	Strict bool
}

// API serves the Lambda API. The caller's identity comes in the request's context: see awsapi.WithIdentity.
type API struct {
	service *lambda.Service
	config  Config
	log     *slog.Logger
	mux     *awsapi.Mux
}

// maxBody bounds a request: 50 MB of zip in base64 and what is around it.
const maxBody = 70167211

// New returns the API of a service.
func New(config Config) *API {
	if config.BaseURL == nil {
		config.BaseURL = func(ctx context.Context) string { return awsapi.IdentityFrom(ctx).BaseURL }
	}
	a := &API{service: config.Service, config: config, log: config.Logger.With("component", "lambda")}
	a.mux = awsapi.NewMux(&wire.Service, a.operations(), awsapi.Options{
		Unchecked: true, // see check.go
		ErrorBody: errorBody, Unknown: unknown, Malformed: malformed,
		MaxBody: maxBody, TooLarge: requestTooLarge,
		Logger: a.log,
	})
	return a
}

// Coverage tells which operations are built.
func (a *API) Coverage() awsapi.Coverage { return a.mux.Coverage() }

type traceKey struct{}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Invoke's trace header is in no model.
	if trace := r.Header.Get("X-Amzn-Trace-Id"); trace != "" {
		r = r.WithContext(context.WithValue(r.Context(), traceKey{}, trace))
	}
	a.mux.ServeHTTP(w, r)
}

func traceOf(ctx context.Context) string {
	trace, _ := ctx.Value(traceKey{}).(string)
	return trace
}

func scopeOf(ctx context.Context) store.Scope { return awsapi.IdentityFrom(ctx).Scope() }

type pointer[T any] interface {
	*T
	awsapi.Shaped
}

// op binds an operation: its input is checked first, and its errors become answers.
func op[In, Out any, PIn pointer[In], POut pointer[Out]](name string, fn func(context.Context, PIn) (POut, error)) awsapi.Handler {
	return awsapi.Op(func(ctx context.Context, in PIn) (POut, error) {
		if err := check(name, in); err != nil {
			return nil, err
		}
		out, err := fn(ctx, in)
		if err != nil {
			return nil, answer(err)
		}
		return out, nil
	})
}

// stream binds an operation that writes its own answer.
func stream[In any, PIn pointer[In]](name string, fn func(context.Context, PIn, http.ResponseWriter) error) awsapi.Handler {
	return awsapi.Stream(func(ctx context.Context, in PIn, w http.ResponseWriter) error {
		if err := check(name, in); err != nil {
			return err
		}
		return answer(fn(ctx, in, w))
	})
}
