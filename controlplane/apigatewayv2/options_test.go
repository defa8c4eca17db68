package apigatewayv2

import (
	"github.com/aws/smithy-go/document"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What the SDK's types hold beside AWS's answer.
var (
	ignoreMetadata  = cmp.Options{cmpopts.IgnoreTypes(middleware.Metadata{})}
	ignoreDocuments = cmp.Options{cmpopts.IgnoreTypes(document.NoSerde{})}
)
