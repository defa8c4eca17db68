package api

import "github.com/postern/postern/controlplane/awsapi"

// operations are those that are built.
func (a *API) operations() map[string]awsapi.Handler {
	return map[string]awsapi.Handler{
		"CreateFunction":              op("CreateFunction", a.createFunction),
		"GetFunction":                 op("GetFunction", a.getFunction),
		"GetFunctionConfiguration":    op("GetFunctionConfiguration", a.getFunctionConfiguration),
		"ListFunctions":               op("ListFunctions", a.listFunctions),
		"UpdateFunctionCode":          op("UpdateFunctionCode", a.updateFunctionCode),
		"UpdateFunctionConfiguration": op("UpdateFunctionConfiguration", a.updateFunctionConfiguration),
		"DeleteFunction":              op("DeleteFunction", a.deleteFunction),

		"GetFunctionCodeSigningConfig": op("GetFunctionCodeSigningConfig", a.getFunctionCodeSigningConfig),
		"GetRuntimeManagementConfig":   op("GetRuntimeManagementConfig", a.getRuntimeManagementConfig),
		"GetAccountSettings":           op("GetAccountSettings", a.getAccountSettings),

		"Invoke":                   stream("Invoke", a.invoke),
		"InvokeAsync":              op("InvokeAsync", a.invokeAsync),
		"InvokeWithResponseStream": stream("InvokeWithResponseStream", a.invokeWithResponseStream),

		"AddPermission":    op("AddPermission", a.addPermission),
		"GetPolicy":        op("GetPolicy", a.getPolicy),
		"RemovePermission": op("RemovePermission", a.removePermission),

		"TagResource":   op("TagResource", a.tagResource),
		"ListTags":      op("ListTags", a.listTags),
		"UntagResource": op("UntagResource", a.untagResource),

		"PublishVersion":         op("PublishVersion", a.publishVersion),
		"ListVersionsByFunction": op("ListVersionsByFunction", a.listVersionsByFunction),
		"CreateAlias":            op("CreateAlias", a.createAlias),
		"GetAlias":               op("GetAlias", a.getAlias),
		"ListAliases":            op("ListAliases", a.listAliases),
		"UpdateAlias":            op("UpdateAlias", a.updateAlias),
		"DeleteAlias":            op("DeleteAlias", a.deleteAlias),

		"PutFunctionConcurrency":    op("PutFunctionConcurrency", a.putFunctionConcurrency),
		"GetFunctionConcurrency":    op("GetFunctionConcurrency", a.getFunctionConcurrency),
		"DeleteFunctionConcurrency": op("DeleteFunctionConcurrency", a.deleteFunctionConcurrency),

		"PutFunctionRecursionConfig": op("PutFunctionRecursionConfig", a.putFunctionRecursionConfig),
		"GetFunctionRecursionConfig": op("GetFunctionRecursionConfig", a.getFunctionRecursionConfig),

		"PutFunctionEventInvokeConfig":    op("PutFunctionEventInvokeConfig", a.putFunctionEventInvokeConfig),
		"UpdateFunctionEventInvokeConfig": op("UpdateFunctionEventInvokeConfig", a.updateFunctionEventInvokeConfig),
		"GetFunctionEventInvokeConfig":    op("GetFunctionEventInvokeConfig", a.getFunctionEventInvokeConfig),
		"ListFunctionEventInvokeConfigs":  op("ListFunctionEventInvokeConfigs", a.listFunctionEventInvokeConfigs),
		"DeleteFunctionEventInvokeConfig": op("DeleteFunctionEventInvokeConfig", a.deleteFunctionEventInvokeConfig),

		"PublishLayerVersion":          op("PublishLayerVersion", a.publishLayerVersion),
		"GetLayerVersion":              op("GetLayerVersion", a.getLayerVersion),
		"GetLayerVersionByArn":         op("GetLayerVersionByArn", a.getLayerVersionByArn),
		"ListLayerVersions":            op("ListLayerVersions", a.listLayerVersions),
		"ListLayers":                   op("ListLayers", a.listLayers),
		"DeleteLayerVersion":           op("DeleteLayerVersion", a.deleteLayerVersion),
		"AddLayerVersionPermission":    op("AddLayerVersionPermission", a.addLayerVersionPermission),
		"GetLayerVersionPolicy":        op("GetLayerVersionPolicy", a.getLayerVersionPolicy),
		"RemoveLayerVersionPermission": op("RemoveLayerVersionPermission", a.removeLayerVersionPermission),
	}
}
