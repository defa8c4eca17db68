package apigateway

import (
	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/internal/lazyregexp"
)

var (
	variableName  = lazyregexp.New(`^[A-Za-z0-9_]{1,64}$`)
	variableValue = lazyregexp.New(`^[A-Za-z0-9 \-._~:/?#&=,]{0,512}$`)
)

const maxVariables = 100

func (st *Stage) checkVariables() error {
	if err := checkVariables(st.Variables); err != nil || st.Canary == nil {
		return err
	}
	return checkVariables(st.Canary.VariableOverrides)
}

func checkVariables(vars map[string]string) error {
	if len(vars) > maxVariables {
		// unverified against AWS: the text.
		return awsapi.BadRequest("Stage variables can have at most %d entries", maxVariables)
	}
	for _, name := range sortedNames(vars) {
		switch {
		case !variableName().MatchString(name):
			return awsapi.BadRequest("Invalid stage variable name: %s. Please use names with only word characters.", name)
		case !variableValue().MatchString(vars[name]):
			return awsapi.BadRequest("Invalid stage variable value of key %s.  Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", name)
		}
	}
	return nil
}
