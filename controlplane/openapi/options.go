package openapi

import (
	"fmt"
	"strings"
)

// Options say how a document is read.
type Options struct {
	Protocol Protocol

	// BasePath is what becomes of the document's base path: ignore (also ""),
	// prepend or split.
	BasePath            string
	FailOnWarnings      bool
	IgnoreDocumentation bool
	EndpointTypes       []string // replace the document's

	// Account, Partition and Region replace ${AWS::AccountId}, ${AWS::Partition}
	// and ${AWS::Region} in extensions.
	Account, Partition, Region string

	// APIID is the id of the API that the models will belong to.
	APIID string

	// NewID makes the random part of the names of models that have none.
	NewID func(length int) string

	// CheckAuthorizer, when set, may refuse an authorizer: it is left out with a
	// warning, and with it the methods that need it.
	CheckAuthorizer func(Authorizer) error
}

// SetParameters takes the query parameters of an import operation. Unknown ones do
// nothing.
func (o *Options) SetParameters(parameters map[string]string) error {
	for key, value := range parameters {
		switch strings.ToLower(key) {
		case "basepath":
			o.BasePath = strings.ToLower(value)
		case "failonwarnings":
			o.FailOnWarnings = strings.EqualFold(value, "true")
		case "ignore":
			o.IgnoreDocumentation = strings.EqualFold(value, "documentation")
		case "endpointconfigurationtypes":
			o.EndpointTypes = strings.Split(strings.ToUpper(value), ",")
		}
	}
	switch o.BasePath {
	case "", basePathIgnore, basePathPrepend, basePathSplit:
		return nil
	}
	// unverified against AWS: the text.
	return &Error{fmt.Sprintf("Invalid basepath mode specified: %s. Must be one of: [ignore, prepend, split]", o.BasePath)}
}

const (
	basePathIgnore  = "ignore"
	basePathPrepend = "prepend"
	basePathSplit   = "split"
)
