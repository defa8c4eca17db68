package apigateway

import (
	"context"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/internal/paging"
	wire "github.com/postern/postern/controlplane/internal/wire/apigateway"
)

// sdkTypes are the platforms that AWS generates SDKs for.
//
// unverified against AWS: the names and descriptions.
var sdkTypes = []wire.SdkType{
	sdkType("java", "Java SDK", "Java SDK for your API", "service.name", "java.package-name", "java.build-system", "java.group-id", "java.artifact-id", "java.artifact-version"),
	sdkType("javascript", "JavaScript", "JavaScript SDK for your API"),
	sdkType("android", "Android", "Android SDK for your API", "groupId", "artifactId", "artifactVersion", "invokerPackage"),
	sdkType("objectivec", "iOS (Objective-C)", "iOS SDK for your API in Objective-C", "classPrefix"),
	sdkType("swift", "iOS (Swift)", "iOS SDK for your API in Swift", "classPrefix"),
	sdkType("ruby", "Ruby SDK", "Ruby SDK for your API", "service.name", "ruby.gem-name", "ruby.gem-version"),
}

func sdkType(id, name, description string, properties ...string) wire.SdkType {
	t := wire.SdkType{Id: &id, FriendlyName: &name, Description: &description}
	for _, p := range properties {
		t.ConfigurationProperties = append(t.ConfigurationProperties, wire.SdkConfigurationProperty{
			Name: awsapi.Ptr(p), FriendlyName: awsapi.Ptr(p), Required: awsapi.Ptr(true),
		})
	}
	return t
}

func (s *Service) getSdkType(_ context.Context, in *wire.GetSdkTypeInput) (*wire.SdkType, error) {
	for i := range sdkTypes {
		if *sdkTypes[i].Id == *in.Id {
			return &sdkTypes[i], nil
		}
	}
	// unverified against AWS: the text.
	return nil, awsapi.NotFound("Invalid SDK type specified: %s", *in.Id)
}

func (s *Service) getSdkTypes(_ context.Context, in *wire.GetSdkTypesInput) (*wire.SdkTypes, error) {
	items, next, err := paging.V1(sdkTypes, in.Position, in.Limit, func(t wire.SdkType) *wire.SdkType { return &t })
	return &wire.SdkTypes{Items: items, Position: next}, err
}
