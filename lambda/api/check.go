package api

import (
	"context"
	"strings"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/lambda"
	"github.com/postern/postern/lambda/internal/wire"
)

// check holds an input to the model's constraints. What AWS checks behind the model, with other errors, is kept from
// the model here and left to the service.
func check(operation string, in awsapi.Shaped) error {
	switch in := in.(type) {
	case *wire.CreateFunctionInput:
		defer hide(&in.Runtime)()
		defer hide(&in.Layers)()
	case *wire.UpdateFunctionConfigurationInput:
		defer hide(&in.Runtime)()
		defer hide(&in.Layers)()
	}
	e := wire.Service.Check(operation, in)
	if e == nil {
		return nil
	}
	e.Message = reword(e.Message)
	return e
}

// hide sets a field to its zero value until the returned function is called.
func hide[T any](field *T) (restore func()) {
	was := *field
	var zero T
	*field = zero
	return func() { *field = was }
}

// reword turns a message of the model into Lambda's: it lists one more rule for the elements of lists and the values
// of maps, and its ARN patterns know one more partition than the published model.
func reword(message string) string {
	message = strings.ReplaceAll(message, "[a-z]{2}((-gov)|(-iso", "(eusc-)?[a-z]{2}((-gov)|(-iso")
	const next = "; Value "
	parts := strings.Split(message, next)
	for i, p := range parts {
		if elements(p) && strings.HasSuffix(p, "]") {
			parts[i] = strings.TrimSuffix(p, "]") + ", Member must not be null]"
		}
	}
	return strings.Join(parts, next)
}

func elements(violation string) bool {
	return strings.Contains(violation, ": Member must satisfy constraint: [") || strings.Contains(violation, ": Map value must satisfy constraint: [")
}

// ref reads a function name. A function of another account is out of reach: only Invoke looks at resource policies.
func (a *API) ref(ctx context.Context, action string, name, qualifier *string) (lambda.Ref, error) {
	scope := scopeOf(ctx)
	ref, err := lambda.ParseRef(scope, awsapi.Val(name), awsapi.Val(qualifier))
	if err == nil && ref.Scope != scope {
		err = lambda.NotAuthorized(lambda.Caller{Account: scope.Account}, "lambda:"+action, ref)
	}
	return ref, err
}
