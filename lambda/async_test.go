package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/lambdatest"
)

// TestEventRetries follows a failing event to its destination and its dead-letter queue.
func TestEventRetries(t *testing.T) {
	ctx := t.Context()
	var mu sync.Mutex
	var ids []string
	target := make(chan []byte, 1)
	delivered := make(chan lambda.Delivery, 2)
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{
		"app.fail": func(e lambdatest.Event) ([]byte, error) {
			mu.Lock()
			defer mu.Unlock()
			ids = append(ids, e.RequestID)
			return nil, errors.New("it broke")
		},
		"app.target": func(e lambdatest.Event) ([]byte, error) {
			target <- e.Payload
			return []byte("null"), nil
		},
	}}
	now := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	s := lambdatest.NewService(t, x, lambda.Config{
		Now: func() time.Time { return now }, RetryDelay: time.Millisecond,
		Deliver: func(_ context.Context, d lambda.Delivery) error {
			delivered <- d
			return nil
		},
	})
	in := newFunction(t, "fn", "app.fail")
	in.Config.DeadLetter = "arn:aws:sqs:us-east-1:000000000000:dead"
	create(t, s, in)
	create(t, s, newFunction(t, "target", "app.target"))
	if _, err := s.PutInvokeConfig(ctx, ref("fn"), lambda.InvokeConfig{Destination: &lambda.Destinations{OnFailure: arn + "target"}}, false); err != nil {
		t.Fatal(err)
	}

	res, err := s.Invoke(ctx, lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "fn", Type: lambda.Event, Payload: []byte(`{"a": 1}`)})
	if err != nil {
		t.Fatal(err)
	}
	dead := <-delivered
	wantDead := lambda.Delivery{
		Scope: lambdatest.Scope, TargetARN: "arn:aws:sqs:us-east-1:000000000000:dead", Function: arn + "fn", Body: []byte(`{"a": 1}`),
		Attributes: map[string]string{"RequestID": res.RequestID, "ErrorCode": "200", "ErrorMessage": "it broke"},
	}
	if diff := cmp.Diff(dead, wantDead); diff != "" {
		t.Errorf("dead letter (-got +want):\n%s", diff)
	}
	want := `{"version":"1.0","timestamp":"2026-01-02T03:04:05.678Z","requestContext":{"requestId":"` + res.RequestID + `","functionArn":"` + arn + `fn:$LATEST",` +
		`"condition":"RetriesExhausted","approximateInvokeCount":3},"requestPayload":{"a":1},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},` +
		`"responsePayload":{"errorMessage":"it broke","errorType":"Error"}}`
	if got := string(<-target); got != want {
		t.Errorf("destination got\n%s, want\n%s", got, want)
	}
	mu.Lock()
	defer mu.Unlock()
	if diff := cmp.Diff(ids, []string{res.RequestID, res.RequestID, res.RequestID}); diff != "" {
		t.Errorf("attempts (-got +want):\n%s", diff)
	}
}

func TestEventOutcomes(t *testing.T) {
	type requestContext struct {
		Condition              string
		ApproximateInvokeCount int
	}
	zero, none := 0, 0
	for _, tc := range []struct {
		name, handler string
		config        lambda.InvokeConfig
		reserved      *int
		want          requestContext
	}{
		{"success", "app.ok", lambda.InvokeConfig{}, nil, requestContext{lambda.Success, 1}},
		{"no retries", "app.fail", lambda.InvokeConfig{MaxRetries: &zero}, nil, requestContext{lambda.RetriesExhausted, 1}},
		{"no concurrency", "app.ok", lambda.InvokeConfig{}, &none, requestContext{lambda.ZeroConcurrency, 0}},
		{"too old", "app.fail", lambda.InvokeConfig{MaxAge: &zero}, nil, requestContext{lambda.EventAgeExceeded, 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			delivered := make(chan lambda.Delivery, 1)
			x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{
				"app.ok":   func(e lambdatest.Event) ([]byte, error) { return e.Payload, nil },
				"app.fail": func(lambdatest.Event) ([]byte, error) { return nil, errors.New("it broke") },
			}}
			s := lambdatest.NewService(t, x, lambda.Config{
				Deliver: func(_ context.Context, d lambda.Delivery) error {
					delivered <- d
					return nil
				},
			})
			create(t, s, newFunction(t, "fn", tc.handler))
			const queue = "arn:aws:sqs:us-east-1:000000000000:q"
			tc.config.Destination = &lambda.Destinations{OnSuccess: queue, OnFailure: queue}
			if _, err := s.PutInvokeConfig(t.Context(), ref("fn"), tc.config, false); err != nil {
				t.Fatal(err)
			}
			if tc.reserved != nil {
				if err := s.PutConcurrency(t.Context(), ref("fn"), *tc.reserved); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.Invoke(t.Context(), lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "fn", Type: lambda.Event}); err != nil {
				t.Fatal(err)
			}
			d := <-delivered
			var got struct{ RequestContext requestContext }
			if err := json.Unmarshal(d.Body, &got); err != nil {
				t.Fatal(err)
			}
			if got.RequestContext != tc.want || d.Success != (tc.want.Condition == lambda.Success) || d.TargetARN != queue {
				t.Errorf("got %+v in %+v", got.RequestContext, d)
			}
		})
	}
}

// TestCloseDropsWaitingEvents: a retry that is an hour away holds nothing up.
func TestCloseDropsWaitingEvents(t *testing.T) {
	failed := make(chan struct{}, 1)
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.fail": func(lambdatest.Event) ([]byte, error) {
		failed <- struct{}{}
		return nil, errors.New("it broke")
	}}}
	s := lambdatest.NewService(t, x, lambda.Config{RetryDelay: time.Hour})
	create(t, s, newFunction(t, "fn", "app.fail"))
	if _, err := s.Invoke(t.Context(), lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "fn", Type: lambda.Event}); err != nil {
		t.Fatal(err)
	}
	<-failed
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
	if _, err := s.Invoke(ctx, lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "fn", Type: lambda.Event}); err == nil {
		t.Error("an event was taken after Close")
	}
}
