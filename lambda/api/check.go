package api

import (
	"context"
	"fmt"
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
	case *wire.GetLayerVersionByArnInput:
		if in.Arn != nil {
			return nil // ParseLayerVersionARN knows a wider pattern
		}
	case *wire.PublishLayerVersionInput:
		known := layerRuntimes(in.CompatibleRuntimes)
		defer hide(&in.CompatibleRuntimes)()
		return model(operation, in, known)
	case *wire.ListLayersInput:
		known := layerRuntime(in.CompatibleRuntime)
		defer hide(&in.CompatibleRuntime)()
		return model(operation, in, known)
	case *wire.ListLayerVersionsInput:
		known := layerRuntime(in.CompatibleRuntime)
		defer hide(&in.CompatibleRuntime)()
		return model(operation, in, known)
	}
	return model(operation, in, "")
}

// model holds an input to the generated constraints. known is a violation that was found already, or empty.
func model(operation string, in awsapi.Shaped, known string) error {
	e := wire.Service.Check(operation, in)
	switch {
	case e == nil && known == "":
		return nil
	case e == nil:
		return awsapi.Validation("1 validation error detected: " + known)
	case known != "":
		_, others, _ := strings.Cut(e.Message, " detected: ")
		e.Message = fmt.Sprintf("%d validation errors detected: %s; %s", 2+strings.Count(others, nextViolation), known, others)
	}
	e.Message = reword(e.Message)
	return e
}

const nextViolation = "; Value "

// hide sets a field to its zero value until the returned function is called.
func hide[T any](field *T) (restore func()) {
	was := *field
	var zero T
	*field = zero
	return func() { *field = was }
}

// reword turns a message of the model into Lambda's: it lists one more rule for the elements of lists and the values
// of maps, its ARN patterns know one more partition and one more resource than the published model, and one enumeration is turned round.
func reword(message string) string {
	message = strings.ReplaceAll(message, "[a-z]{2}((-gov)|(-iso", "(eusc-)?[a-z]{2}((-gov)|(-iso")
	message = strings.ReplaceAll(message, `|[a-zA-Z0-9-_]+))?|code-signing`, `|[a-zA-Z0-9-_]+))?|layer:([a-zA-Z0-9-_]+)|code-signing`)
	message = strings.ReplaceAll(message, "[Allow, Terminate]", "[Terminate, Allow]")
	parts := strings.Split(message, nextViolation)
	for i, p := range parts {
		if elements(p) && strings.HasSuffix(p, "]") {
			parts[i] = strings.TrimSuffix(p, "]") + ", Member must not be null]"
		}
	}
	return strings.Join(parts, nextViolation)
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
