package openapi

import "strings"

// Error is a refused document. API Gateway answers it as a BadRequestException.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// ErrInvalid refuses what is not a document at all. AWS: versions other than 2.0
// and 3.0.x are answered the same way.
var ErrInvalid = &Error{"Invalid OpenAPI input."}

// ErrDocumentation refuses a body without documentation parts.
var ErrDocumentation = &Error{"Unable to build importer with provided input."}

// The lines of an import's errors that carry the error of another operation, for
// those who apply a document: its path, or verb and path, or name, then the message.
const (
	ResourceFailed            = "Unable to create resource at path '%s': %s"
	MethodFailed              = "Unable to put method '%s' on resource at path '%s': %s"
	IntegrationFailed         = "Unable to put integration on '%s' for resource at path '%s': %s"
	IntegrationResponseFailed = "Unable to put integration response on '%s' for resource at path '%s': %s"
	ModelFailed               = "Unable to create model for '%s': %s"
	GatewayResponseFailed     = "Unable to put gateway response '%s': %s" // unverified against AWS
	AuthorizerFailed          = "Unable to create Authorizer '%s': %s"
)

// Reject tells whether an import fails, and how: errors always fail it, warnings do
// with failOnWarnings. AWS: the text has one tab-indented line for each.
func Reject(errors, warnings []string, failOnWarnings bool) error {
	switch {
	case len(errors) > 0:
		message := "Errors found during import:" + tabbed(errors)
		if len(warnings) > 0 {
			message += "\nAdditionally, these warnings were found:" + tabbed(warnings)
		}
		return &Error{message}
	case len(warnings) > 0 && failOnWarnings:
		return &Error{"Warnings found during import:" + tabbed(warnings)}
	}
	return nil
}

func tabbed(lines []string) string { return "\n\t" + strings.Join(lines, "\n\t") }
