package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/postern/postern/lambda"
)

// anyRuntime are the runtimes that a layer may name, retired and unheard-of ones among them, in the order of AWS's message.
var anyRuntime = []string{
	"ruby3.5", "ruby2.6", "dotnetcore1.0", "python3.7", "nodejs8.10", "nasa", "ruby2.7", "python2.7-greengrass", "dotnetcore2.0",
	"python3.8", "java21", "dotnet6", "dotnetcore2.1", "python3.9", "java11", "nodejs6.10", "provided", "dotnetcore3.1", "dotnet8",
	"java25", "java17", "nodejs", "nodejs4.3", "java8.al2", "go1.x", "dotnet10", "nodejs20.x", "go1.9", "byol", "nodejs10.x",
	"provided.al2023", "nodejs22.x", "python3.10", "java8", "nodejs12.x", "python3.11", "nodejs24.x", "nodejs8.x", "python3.12",
	"nodejs14.x", "nodejs8.9", "nodejs26.x", "python3.13", "python3.14", "nodejs16.x", "python3.15", "provided.al2",
	"nodejs4.3-edge", "nodejs18.x", "ruby3.2", "python3.4", "ruby3.3", "ruby3.4", "ruby2.5", "python3.6", "python2.7",
}

const maxLayerRuntimes = 15

// layerRuntimes words what is wrong with a layer's runtimes. AWS: it takes more than it lists, and lists what functions can have.
func layerRuntimes(runtimes []string) string {
	printed := strings.Join(runtimes, ", ")
	switch {
	case len(runtimes) > maxLayerRuntimes:
		return fmt.Sprintf("Value '[%s]' at 'compatibleRuntimes' failed to satisfy constraint: Member must have length less than or equal to %d", printed, maxLayerRuntimes)
	case slices.ContainsFunc(runtimes, func(r string) bool { return !slices.Contains(anyRuntime, r) }):
		return fmt.Sprintf("Value '[%s]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
			printed, strings.Join(lambda.Runtimes, ", "))
	}
	return ""
}

// layerRuntime words what is wrong with the runtime that a list of layers is filtered by.
func layerRuntime(runtime *string) string {
	if runtime == nil || slices.Contains(anyRuntime, *runtime) {
		return ""
	}
	return fmt.Sprintf("Value '%s' at 'compatibleRuntime' failed to satisfy constraint: Member must satisfy enum value set: [%s]", *runtime, strings.Join(anyRuntime, ", "))
}
