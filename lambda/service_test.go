package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/lambdatest"
)

const arn = "arn:aws:lambda:us-east-1:000000000000:function:"

func ref(name string) lambda.Ref { return lambda.Ref{Scope: lambdatest.Scope, Name: name} }

func newFunction(t testing.TB, name, handler string) lambda.NewFunction {
	c := lambda.DefaultConfiguration(name)
	c.Role, c.Runtime, c.Handler = "arn:aws:iam::000000000000:role/r", "python3.12", handler
	return lambda.NewFunction{Name: name, Config: c, Source: lambda.Source{Zip: lambdatest.Zip(t, "app.py", name)}}
}

// create makes a function and waits until it has settled.
func create(t testing.TB, s *lambda.Service, in lambda.NewFunction) {
	t.Helper()
	if _, err := s.CreateFunction(t.Context(), lambdatest.Scope, in); err != nil {
		t.Fatal(err)
	}
	settled(t, s, in.Name)
}

func settled(t testing.TB, s *lambda.Service, name string) *lambda.Version {
	t.Helper()
	if err := s.Settled(t.Context(), ref(name)); err != nil {
		t.Fatal(err)
	}
	d, err := s.GetFunction(ref(name))
	if err != nil {
		t.Fatal(err)
	}
	return d.Version
}

func invoke(t testing.TB, s *lambda.Service, function string) string {
	t.Helper()
	res, err := s.Invoke(t.Context(), lambda.InvokeRequest{Scope: lambdatest.Scope, Function: function, Payload: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	return string(res.Payload)
}

func wantError(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Fatalf("got  %v\nwant %s", err, want)
	}
}

// stage answers what the configuration says, to tell configurations apart.
func stage(e lambdatest.Event) ([]byte, error) {
	return fmt.Appendf(nil, "%q", e.Spec.Version+" "+e.Spec.Variables["STAGE"]), nil
}

func withStage(value string) lambda.ConfigUpdate {
	return lambda.ConfigUpdate{Apply: func(c *lambda.Configuration) { c.Environment = map[string]string{"STAGE": value} }}
}

func TestUpdateServesTheOldUntilTheNewIsReady(t *testing.T) {
	ctx := t.Context()
	gate := make(chan struct{})
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}
	x.Preparing = func(_ context.Context, spec *executor.Spec) error {
		if spec.Variables["STAGE"] != "" {
			<-gate
		}
		return nil
	}
	s := lambdatest.NewService(t, x, lambda.Config{})
	create(t, s, newFunction(t, "fn", "app.h"))

	before := settled(t, s, "fn").Revision
	d, err := s.UpdateConfig(ctx, ref("fn"), withStage("new"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Version.State.Value != lambda.Active || d.Version.Update.Value != lambda.InProgress || d.Version.Revision == before {
		t.Errorf("updating: %+v", d.Version)
	}
	if got := invoke(t, s, "fn"); got != `"$LATEST "` {
		t.Errorf("while updating: %s", got)
	}
	const busy = "ResourceConflictException: The operation cannot be performed at this time. An update is in progress for resource: " + arn + "fn"
	_, err = s.UpdateConfig(ctx, ref("fn"), withStage("other"))
	wantError(t, err, busy)
	_, err = s.PublishVersion(ctx, ref("fn"), lambda.Publication{})
	wantError(t, err, busy)

	close(gate)
	v := settled(t, s, "fn")
	if v.Update.Value != lambda.Successful || v.Revision == d.Version.Revision {
		t.Errorf("updated: %+v", v)
	}
	if got := invoke(t, s, "fn"); got != `"$LATEST new"` {
		t.Errorf("after the update: %s", got)
	}
	if err := s.DeleteFunction(ctx, ref("fn")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if n := x.Prepared(); n != 0 {
		t.Errorf("%d versions stay prepared", n)
	}
}

func TestInvokeWaitsWhilePending(t *testing.T) {
	preparing, gate := make(chan struct{}), make(chan struct{})
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}
	x.Preparing = func(context.Context, *executor.Spec) error {
		close(preparing)
		<-gate
		return nil
	}
	var records []lambda.Invocation
	s := lambdatest.NewService(t, x, lambda.Config{OnInvocation: func(i lambda.Invocation) { records = append(records, i) }})
	if _, err := s.CreateFunction(t.Context(), lambdatest.Scope, newFunction(t, "fn", "app.h")); err != nil {
		t.Fatal(err)
	}
	<-preparing
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Invoke(ctx, lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "fn"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that gave up got %v", err)
	}
	close(gate)
	if got := invoke(t, s, "fn"); got != `"$LATEST "` {
		t.Errorf("got %s", got)
	}
	if len(records) != 2 || records[0].Status != 499 || records[1].Status != 200 {
		t.Errorf("records %+v", records)
	}
}

func TestEnvironmentsAhead(t *testing.T) {
	var records []lambda.Invocation
	s := lambdatest.NewService(t, &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}},
		lambda.Config{Ahead: 1, OnInvocation: func(i lambda.Invocation) { records = append(records, i) }})
	create(t, s, newFunction(t, "fn", "app.h"))
	for range 2 {
		invoke(t, s, "fn")
	}
	if len(records) != 2 || records[1].ColdStart {
		t.Errorf("records %+v", records)
	}
}

// TestPolicyRevisions: what guards a policy is its own revision, or its owner's before there is one.
func TestPolicyRevisions(t *testing.T) {
	ctx := t.Context()
	s := lambdatest.NewService(t, &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}, lambda.Config{})
	create(t, s, newFunction(t, "fn", "app.h"))
	p := lambda.Permission{Sid: "one", Action: "lambda:InvokeFunction", Principal: "*", Revision: settled(t, s, "fn").Revision}
	if _, err := s.AddPermission(ctx, ref("fn"), p); err != nil {
		t.Fatal(err)
	}
	policy, err := s.Policy(ref("fn"))
	if err != nil {
		t.Fatal(err)
	}
	if got := settled(t, s, "fn").Revision; got != policy.Revision || got == p.Revision {
		t.Errorf("function %s, policy %s", got, policy.Revision)
	}
	// Publishing gives the function another revision, and not its policy.
	if _, err := s.PublishVersion(ctx, ref("fn"), lambda.Publication{}); err != nil {
		t.Fatal(err)
	}
	p.Sid, p.Revision = "two", policy.Revision
	if _, err := s.AddPermission(ctx, ref("fn"), p); err != nil {
		t.Error(err)
	}
	if err := s.RemovePermission(ctx, ref("fn"), "one", policy.Revision); err == nil {
		t.Error("removed with the revision before")
	}
}

func TestFailedPreparation(t *testing.T) {
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}
	s := lambdatest.NewService(t, x, lambda.Config{})
	create(t, s, newFunction(t, "fn", "app.none"))
	v := settled(t, s, "fn")
	if want := (lambda.Status{Value: lambda.Failed, Reason: `no handler "app.none"`, ReasonCode: "InvalidRuntime"}); v.State != want || v.Update != want {
		t.Errorf("got %+v, %+v", v.State, v.Update)
	}
	_, err := s.Invoke(t.Context(), lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "fn"})
	wantError(t, err, "ResourceConflictException: The operation cannot be performed at this time. The function is currently in the following state: Failed")

	if _, err := s.UpdateConfig(t.Context(), ref("fn"), lambda.ConfigUpdate{Apply: func(c *lambda.Configuration) { c.Handler = "app.h" }}); err != nil {
		t.Fatal(err)
	}
	if v := settled(t, s, "fn"); v.State.Value != lambda.Active {
		t.Errorf("after the repair: %+v", v.State)
	}
	if got := invoke(t, s, "fn"); got != `"$LATEST "` {
		t.Errorf("got %s", got)
	}
	// A failed update leaves what ran before.
	if _, err := s.UpdateConfig(t.Context(), ref("fn"), lambda.ConfigUpdate{Apply: func(c *lambda.Configuration) { c.Handler = "app.none" }}); err != nil {
		t.Fatal(err)
	}
	if v := settled(t, s, "fn"); v.State.Value != lambda.Active || v.Update.Value != lambda.Failed {
		t.Errorf("after a failed update: %+v, %+v", v.State, v.Update)
	}
	if got := invoke(t, s, "fn"); got != `"$LATEST "` {
		t.Errorf("got %s", got)
	}
}

func TestGatewayNeedsPermission(t *testing.T) {
	ctx := t.Context()
	s := lambdatest.NewService(t, &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}, lambda.Config{})
	create(t, s, newFunction(t, "fn", "app.h"))
	if _, err := s.PublishVersion(ctx, ref("fn"), lambda.Publication{}); err != nil {
		t.Fatal(err)
	}
	one := "1"
	if _, err := s.CreateAlias(ctx, ref("fn"), "live", lambda.AliasChange{Version: &one}); err != nil {
		t.Fatal(err)
	}
	call := func(function, method string) error {
		_, err := s.Invoke(ctx, lambda.InvokeRequest{Scope: lambdatest.Scope, Function: function, Caller: lambda.Caller{
			Service: "apigateway.amazonaws.com", SourceARN: "arn:aws:execute-api:us-east-1:000000000000:abc123/prod/" + method + "/items/{id}", SourceAccount: "000000000000",
		}})
		return err
	}
	if err := call(arn+"fn", "GET"); !errors.Is(err, lambda.ErrNotAuthorized) {
		t.Errorf("without a permission: %v", err)
	}
	permission := lambda.Permission{
		Sid: "s", Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com",
		SourceARN: "arn:aws:execute-api:us-east-1:000000000000:abc123/*/GET/items/*",
	}
	if _, err := s.AddPermission(ctx, ref("fn"), permission); err != nil {
		t.Fatal(err)
	}
	if err := call(arn+"fn", "GET"); err != nil {
		t.Errorf("with the permission: %v", err)
	}
	if err := call(arn+"fn", "POST"); !errors.Is(err, lambda.ErrNotAuthorized) {
		t.Errorf("with another method: %v", err)
	}
	if err := call(arn+"fn:live", "GET"); !errors.Is(err, lambda.ErrNotAuthorized) {
		t.Errorf("on an alias with the function's permission: %v", err)
	}
	alias := ref("fn")
	alias.Qualifier = "live"
	if _, err := s.AddPermission(ctx, alias, permission); err != nil {
		t.Fatal(err)
	}
	if err := call(arn+"fn:live", "GET"); err != nil {
		t.Errorf("with the alias's permission: %v", err)
	}
	if err := call(arn+"none", "GET"); !errors.Is(err, lambda.ErrNotFound) {
		t.Errorf("a missing function: %v", err)
	}
	_, err := s.AddPermission(ctx, ref("fn"), permission)
	wantError(t, err, "ResourceConflictException: The statement id (s) provided already exists. Please provide a new statement id, or remove the existing statement.")
	wantError(t, s.RemovePermission(ctx, ref("fn"), "x", ""), "ResourceNotFoundException: Statement x is not found in resource policy.")
	wantError(t, s.RemovePermission(ctx, ref("fn"), "s", "old"),
		"PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id")
	if err := s.RemovePermission(ctx, ref("fn"), "s", ""); err != nil {
		t.Fatal(err)
	}
	_, err = s.Policy(ref("fn"))
	wantError(t, err, "ResourceNotFoundException: The resource you requested does not exist.")

	// A role of the function's account needs no permission, one of another account does.
	as := func(role lambda.Caller) error {
		_, err := s.Invoke(ctx, lambda.InvokeRequest{Scope: lambdatest.Scope, Function: arn + "fn", Caller: role})
		return err
	}
	if err := as(lambda.Caller{Account: "000000000000", Role: "arn:aws:iam::000000000000:role/r"}); err != nil {
		t.Error(err)
	}
	if err := as(lambda.Caller{Account: "111122223333", Role: "arn:aws:iam::111122223333:role/r"}); !errors.Is(err, lambda.ErrNotAuthorized) {
		t.Errorf("got %v", err)
	}
}

func TestVersionsAndAliases(t *testing.T) {
	ctx := t.Context()
	draw := 0.0
	s := lambdatest.NewService(t, &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}},
		lambda.Config{Random: func() float64 { return draw }})
	create(t, s, newFunction(t, "fn", "app.h"))
	publish := func() *lambda.Version {
		t.Helper()
		d, err := s.PublishVersion(ctx, ref("fn"), lambda.Publication{})
		if err != nil {
			t.Fatal(err)
		}
		return d.Version
	}
	before := settled(t, s, "fn").Revision
	first := publish()
	if again := publish(); first.Number != "1" || again.Number != "1" || again.Revision != first.Revision {
		t.Errorf("published %s and %s", first.Number, again.Number)
	}
	if first.State.Value != lambda.Active || settled(t, s, "fn").Revision == before {
		t.Errorf("state %v; $LATEST must get another revision", first.State)
	}
	if _, err := s.UpdateConfig(ctx, ref("fn"), withStage("two")); err != nil {
		t.Fatal(err)
	}
	settled(t, s, "fn")
	if second := publish(); second.Number != "2" {
		t.Errorf("published %s", second.Number)
	}
	one := "1"
	if _, err := s.CreateAlias(ctx, ref("fn"), "live", lambda.AliasChange{Version: &one, Weights: map[string]float64{"2": 0.25}}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[float64]string{0.1: `"2 two"`, 0.24: `"2 two"`, 0.25: `"1 "`, 0.9: `"1 "`} {
		draw = at
		if got := invoke(t, s, "fn:live"); got != want {
			t.Errorf("at %v: %s, want %s", at, got, want)
		}
	}
	version := ref("fn")
	version.Qualifier = "2"
	if err := s.DeleteFunction(ctx, version); err == nil {
		t.Error("deleted a version that an alias points to")
	}
	if _, err := s.UpdateAlias(ctx, ref("fn"), "live", lambda.AliasChange{Weights: map[string]float64{}}); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteFunction(ctx, version); err != nil {
		t.Fatal(err)
	}
	if third := publish(); third.Number != "3" {
		t.Errorf("a number was used again: %s", third.Number)
	}
}

func TestReservedConcurrency(t *testing.T) {
	ctx := t.Context()
	var records []lambda.Invocation
	s := lambdatest.NewService(t, &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}},
		lambda.Config{OnInvocation: func(i lambda.Invocation) { records = append(records, i) }})
	create(t, s, newFunction(t, "fn", "app.h"))
	if err := s.PutConcurrency(ctx, ref("fn"), 0); err != nil {
		t.Fatal(err)
	}
	_, err := s.Invoke(ctx, lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "fn"})
	var e *lambda.Error
	if !errors.As(err, &e) || e.Code != "TooManyRequestsException" || e.Message != "Rate Exceeded." ||
		e.Reason != "ReservedFunctionConcurrentInvocationLimitExceeded" || !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("got %#v", err)
	}
	if err := s.DeleteConcurrency(ctx, ref("fn")); err != nil {
		t.Fatal(err)
	}
	invoke(t, s, "fn")
	if len(records) != 2 || records[0].Status != 429 || records[0].ErrorType != "TooManyRequestsException" ||
		records[1].Status != 200 || !records[1].ColdStart || records[1].FunctionARN != arn+"fn" || records[1].Version != "$LATEST" {
		t.Errorf("records %+v", records)
	}
}
