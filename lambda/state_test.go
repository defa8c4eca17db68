package lambda_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/executor"
	"github.com/postern/postern/lambda/lambdatest"
)

func TestCodeGoesWithItsLastName(t *testing.T) {
	ctx := t.Context()
	db, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := lambdatest.NewService(t, &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}, lambda.Config{DB: db})
	same := lambdatest.Zip(t, "app.py", "same")
	for _, name := range []string{"a", "b"} {
		in := newFunction(t, name, "app.h")
		in.Source.Zip = same
		create(t, s, in)
	}
	blob := settled(t, s, "a").Code.Blob
	stored := func() bool {
		_, err := s.CodeZip(blob)
		return err == nil
	}
	if err := s.DeleteFunction(ctx, ref("a")); err != nil {
		t.Fatal(err)
	}
	if !stored() {
		t.Fatal("b has lost its code")
	}
	if _, err := s.PublishVersion(ctx, ref("b"), lambda.Publication{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateCode(ctx, ref("b"), lambda.CodeUpdate{Source: lambda.Source{Zip: lambdatest.Zip(t, "app.py", "new")}}); err != nil {
		t.Fatal(err)
	}
	settled(t, s, "b")
	if !stored() {
		t.Fatal("version 1 has lost its code")
	}
	version := ref("b")
	version.Qualifier = "1"
	if err := s.DeleteFunction(ctx, version); err != nil {
		t.Fatal(err)
	}
	if stored() {
		t.Error("nothing names the code any more, but it is stored")
	}
	// A creation that fails leaves nothing.
	in := newFunction(t, "c", "app.h")
	in.Layers = []string{"arn:aws:lambda:us-east-1:000000000000:layer:none:1"}
	in.Source.Zip = same
	if _, err := s.CreateFunction(ctx, lambdatest.Scope, in); err == nil || stored() {
		t.Errorf("a failed creation left its code; err %v", err)
	}
}

func TestRestore(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}
	stuck := make(chan struct{})
	open := func(preparing func(context.Context, *executor.Spec) error) (*lambda.Service, *store.DB) {
		db, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		x := &lambdatest.Executor{Handlers: x.Handlers, Preparing: preparing}
		s := lambdatest.NewService(t, x, lambda.Config{DB: db})
		if err := s.Restore(ctx); err != nil {
			t.Fatal(err)
		}
		return s, db
	}
	s, db := open(func(ctx context.Context, spec *executor.Spec) error {
		if spec.FunctionName == "pending" {
			close(stuck)
			<-ctx.Done()
		}
		return ctx.Err()
	})
	create(t, s, newFunction(t, "fn", "app.h"))
	if err := s.PutConcurrency(ctx, ref("fn"), 7); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateFunction(ctx, lambdatest.Scope, newFunction(t, "pending", "app.h")); err != nil {
		t.Fatal(err)
	}
	<-stuck
	if err := errors.Join(s.Close(ctx), db.Close()); err != nil {
		t.Fatal(err)
	}

	s, db = open(nil)
	if v := settled(t, s, "pending"); v.State.Value != lambda.Active {
		t.Errorf("the preparation was not taken up: %+v", v.State)
	}
	for _, name := range []string{"fn", "pending"} {
		if got := invoke(t, s, name); got != `"$LATEST "` {
			t.Errorf("%s: %s", name, got)
		}
	}
	if err := s.PutConcurrency(ctx, ref("pending"), 894); err == nil || !strings.Contains(err.Error(), "[100]") {
		t.Errorf("the reservation was forgotten: %v", err)
	}
	if err := errors.Join(s.Close(ctx), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestReset(t *testing.T) {
	ctx := t.Context()
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan struct{}, 1)
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage, "app.fail": func(lambdatest.Event) ([]byte, error) {
		failed <- struct{}{}
		return nil, errors.New("it broke")
	}}}
	s := lambdatest.NewService(t, x, lambda.Config{DB: db})
	create(t, s, newFunction(t, "fn", "app.h"))
	create(t, s, newFunction(t, "failing", "app.fail"))
	invoke(t, s, "fn")
	if err := s.PutConcurrency(ctx, ref("fn"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Invoke(ctx, lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "failing", Type: lambda.Event}); err != nil {
		t.Fatal(err)
	}
	<-failed
	blob := settled(t, s, "fn").Code.Blob

	if err := db.Reset(ctx); err != nil {
		t.Fatal(err)
	}
	s.Reset()
	if _, err := s.CodeZip(blob); err == nil {
		t.Error("the code is still stored")
	}
	_, err = s.Invoke(ctx, lambda.InvokeRequest{Scope: lambdatest.Scope, Function: "fn"})
	wantError(t, err, "ResourceNotFoundException: Function not found: "+arn+"fn:$LATEST")
	create(t, s, newFunction(t, "fn", "app.h"))
	if got := invoke(t, s, "fn"); got != `"$LATEST "` {
		t.Errorf("a new function of the name got %s", got)
	}
}

// TestDeleteWhilePending: what is deleted before it is ready never runs, and leaves nothing.
func TestDeleteWhilePending(t *testing.T) {
	ctx := t.Context()
	preparing, gate := make(chan struct{}), make(chan struct{})
	x := &lambdatest.Executor{Handlers: map[string]lambdatest.Handler{"app.h": stage}}
	x.Preparing = func(context.Context, *executor.Spec) error {
		close(preparing)
		<-gate
		return nil
	}
	s := lambdatest.NewService(t, x, lambda.Config{})
	if _, err := s.CreateFunction(ctx, lambdatest.Scope, newFunction(t, "fn", "app.h")); err != nil {
		t.Fatal(err)
	}
	<-preparing
	if err := s.DeleteFunction(ctx, ref("fn")); err != nil {
		t.Fatal(err)
	}
	close(gate)
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if n := x.Prepared(); n != 0 {
		t.Errorf("%d versions stay prepared", n)
	}
}
