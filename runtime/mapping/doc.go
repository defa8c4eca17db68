// Package mapping renders API Gateway's mapping templates: Velocity with the
// variables $input, $util, $context and $stageVariables.
//
// Compile parses a template at deployment. Template.Render runs it on an
// Input, the plain facts of one request. The Context of an exchange is given
// to all of its templates, because what the request template writes into
// $context.requestOverride and $context.responseOverride can be read by the
// response template; Context.RequestOverride and Context.ResponseOverride
// answer what was written once a template has ended.
//
// The language itself is in runtime/vtl, JSONPath in runtime/mapping/jsonpath.
package mapping
