resource "aws_api_gateway_method" "list" {
  rest_api_id        = aws_api_gateway_rest_api.pets.id
  resource_id        = aws_api_gateway_resource.pets.id
  http_method        = "GET"
  authorization      = "NONE"
  api_key_required   = local.changed
  operation_name     = local.changed ? "AllPets" : "ListPets"
  request_parameters = local.changed ? { "method.request.querystring.kind" = true } : { "method.request.querystring.kind" = false, "method.request.header.X-Old" = true }
}

resource "aws_api_gateway_integration" "list" {
  rest_api_id          = aws_api_gateway_rest_api.pets.id
  resource_id          = aws_api_gateway_resource.pets.id
  http_method          = aws_api_gateway_method.list.http_method
  type                 = "MOCK"
  passthrough_behavior = "NEVER"
  request_templates = merge(
    { "application/json" = "{\"statusCode\": 200}" },
    local.changed ? { "text/plain" = "{\"statusCode\": 404}" } : { "application/xml" = "{\"statusCode\": 500}" },
  )
  cache_key_parameters = ["method.request.querystring.kind"]
  cache_namespace      = local.changed ? "other" : "pets"
}

resource "aws_api_gateway_method_response" "list_200" {
  rest_api_id         = aws_api_gateway_rest_api.pets.id
  resource_id         = aws_api_gateway_resource.pets.id
  http_method         = aws_api_gateway_method.list.http_method
  status_code         = "200"
  response_models     = { "application/json" = local.changed ? "Empty" : aws_api_gateway_model.pets.name }
  response_parameters = merge({ "method.response.header.X-Kind" = true }, local.changed ? { "method.response.header.X-New" = false } : {})
}

resource "aws_api_gateway_method_response" "list_404" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  resource_id = aws_api_gateway_resource.pets.id
  http_method = aws_api_gateway_method.list.http_method
  status_code = "404"
}

resource "aws_api_gateway_integration_response" "list_200" {
  rest_api_id         = aws_api_gateway_rest_api.pets.id
  resource_id         = aws_api_gateway_resource.pets.id
  http_method         = aws_api_gateway_integration.list.http_method
  status_code         = aws_api_gateway_method_response.list_200.status_code
  response_parameters = { "method.response.header.X-Kind" = local.changed ? "'cat'" : "'dog'" }
  response_templates  = { "application/json" = local.changed ? "[{\"name\":\"tom\"}]" : "[]" }
  content_handling    = local.changed ? "CONVERT_TO_TEXT" : null
}

resource "aws_api_gateway_integration_response" "list_404" {
  rest_api_id       = aws_api_gateway_rest_api.pets.id
  resource_id       = aws_api_gateway_resource.pets.id
  http_method       = aws_api_gateway_integration.list.http_method
  status_code       = aws_api_gateway_method_response.list_404.status_code
  selection_pattern = local.changed ? "40[45]" : "404"
  depends_on        = [aws_api_gateway_integration_response.list_200]
}

resource "aws_api_gateway_method" "create" {
  rest_api_id          = aws_api_gateway_rest_api.pets.id
  resource_id          = aws_api_gateway_resource.pets.id
  http_method          = "POST"
  authorization        = local.changed ? "AWS_IAM" : "CUSTOM"
  authorizer_id        = local.changed ? null : aws_api_gateway_authorizer.token.id
  request_validator_id = local.changed ? aws_api_gateway_request_validator.none.id : aws_api_gateway_request_validator.all.id
  request_models       = { "application/json" = aws_api_gateway_model.pet.name }
}

resource "aws_api_gateway_integration" "create" {
  rest_api_id             = aws_api_gateway_rest_api.pets.id
  resource_id             = aws_api_gateway_resource.pets.id
  http_method             = aws_api_gateway_method.create.http_method
  type                    = "AWS"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.pets.invoke_arn
  credentials             = aws_iam_role.gateway.arn
  timeout_milliseconds    = local.changed ? 1000 : 29000
  content_handling        = local.changed ? "CONVERT_TO_BINARY" : "CONVERT_TO_TEXT"
  request_parameters = merge(
    { "integration.request.header.X-Source" = "'postern'" },
    local.changed ? { "integration.request.querystring.id" = "context.requestId" } : { "integration.request.header.X-Amz-Invocation-Type" = "'Event'" },
  )
}

resource "aws_api_gateway_method" "show" {
  rest_api_id          = aws_api_gateway_rest_api.pets.id
  resource_id          = aws_api_gateway_resource.pet.id
  http_method          = "GET"
  authorization        = "COGNITO_USER_POOLS"
  authorizer_id        = aws_api_gateway_authorizer.users.id
  authorization_scopes = local.changed ? ["pets/read", "pets/write"] : ["pets/read"]
  request_parameters   = { "method.request.path.id" = true }
}

resource "aws_api_gateway_integration" "show" {
  rest_api_id             = aws_api_gateway_rest_api.pets.id
  resource_id             = aws_api_gateway_resource.pet.id
  http_method             = aws_api_gateway_method.show.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = aws_lambda_function.pets.invoke_arn
}

resource "aws_api_gateway_method" "proxy" {
  rest_api_id        = aws_api_gateway_rest_api.pets.id
  resource_id        = aws_api_gateway_resource.proxy.id
  http_method        = "ANY"
  authorization      = "NONE"
  request_parameters = local.changed ? {} : { "method.request.path.proxy" = true }
}

resource "aws_api_gateway_integration" "proxy" {
  rest_api_id             = aws_api_gateway_rest_api.pets.id
  resource_id             = aws_api_gateway_resource.proxy.id
  http_method             = aws_api_gateway_method.proxy.http_method
  type                    = "HTTP_PROXY"
  integration_http_method = "ANY"
  uri                     = local.changed ? "https://example.com/more" : "https://example.com/{proxy}"
  connection_type         = local.changed ? "VPC_LINK" : "INTERNET"
  connection_id           = local.changed ? aws_api_gateway_vpc_link.inner.id : null
  request_parameters      = local.changed ? {} : { "integration.request.path.proxy" = "method.request.path.proxy" }

  tls_config {
    insecure_skip_verification = local.changed
  }
}

resource "aws_api_gateway_vpc_link" "inner" {
  name        = local.changed ? "inner, changed" : "inner"
  description = local.changed ? "to the balancer" : "to the inside"
  target_arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/inner/0123456789abcdef"]
  tags        = { generation = var.generation }
}
