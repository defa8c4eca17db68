resource "aws_api_gateway_rest_api" "pets" {
  name                         = local.changed ? "pets, changed" : "pets"
  description                  = local.changed ? "no longer new" : "new"
  api_key_source               = local.changed ? "AUTHORIZER" : "HEADER"
  binary_media_types           = local.changed ? ["image/png", "application/x~1y"] : ["image/png", "image/jpeg"]
  minimum_compression_size     = local.changed ? 2048 : 1024
  disable_execute_api_endpoint = false

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  tags = local.changed ? { team = "cats", cost = "2" } : { team = "dogs", old = "yes" }
}

resource "aws_api_gateway_rest_api_policy" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "${aws_api_gateway_rest_api.pets.execution_arn}/*"
      Condition = { IpAddress = { "aws:SourceIp" = local.changed ? ["127.0.0.1/32", "::1/128"] : ["127.0.0.1/32"] } }
    }]
  })
}

resource "aws_api_gateway_resource" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = aws_api_gateway_rest_api.pets.root_resource_id
  path_part   = local.changed ? "animals" : "pets"
}

resource "aws_api_gateway_resource" "pet" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = aws_api_gateway_resource.pets.id
  path_part   = "{id}"
}

resource "aws_api_gateway_resource" "proxy" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  parent_id   = local.changed ? aws_api_gateway_resource.pets.id : aws_api_gateway_rest_api.pets.root_resource_id
  path_part   = local.changed ? "more" : "{proxy+}"
}

resource "aws_api_gateway_model" "pet" {
  rest_api_id  = aws_api_gateway_rest_api.pets.id
  name         = "Pet"
  description  = local.changed ? "a pet, or not" : "a pet"
  content_type = "application/json"
  schema = jsonencode({
    "$schema"  = "http://json-schema.org/draft-04/schema#"
    title      = "Pet"
    type       = "object"
    properties = { name = { type = "string" }, price = { type = "number", minimum = local.changed ? 1 : 0 } }
    required   = ["name"]
  })
}

resource "aws_api_gateway_model" "pets" {
  rest_api_id  = aws_api_gateway_rest_api.pets.id
  name         = "Pets"
  content_type = "application/json"
  schema = jsonencode({
    type  = "array"
    items = { "$ref" = "https://apigateway.amazonaws.com/restapis/${aws_api_gateway_rest_api.pets.id}/models/${aws_api_gateway_model.pet.name}" }
  })
}

resource "aws_api_gateway_request_validator" "all" {
  rest_api_id                 = aws_api_gateway_rest_api.pets.id
  name                        = local.changed ? "body alone" : "all"
  validate_request_body       = true
  validate_request_parameters = !local.changed
}

resource "aws_api_gateway_request_validator" "none" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  name        = "none"
}

resource "aws_api_gateway_authorizer" "token" {
  rest_api_id                      = aws_api_gateway_rest_api.pets.id
  name                             = local.changed ? "request" : "token"
  type                             = local.changed ? "REQUEST" : "TOKEN"
  authorizer_uri                   = aws_lambda_function.pets.invoke_arn
  authorizer_credentials           = aws_iam_role.gateway.arn
  authorizer_result_ttl_in_seconds = local.changed ? 0 : 60
  identity_source                  = local.changed ? "method.request.header.X-Token,context.httpMethod" : "method.request.header.Authorization"
  identity_validation_expression   = local.changed ? null : "^Bearer .*$"
}

resource "aws_api_gateway_authorizer" "users" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  name        = "users"
  type        = "COGNITO_USER_POOLS"
  provider_arns = concat(
    ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_aaaaaaaaa"],
    local.changed ? ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_bbbbbbbbb"] : [],
  )
}

resource "aws_api_gateway_gateway_response" "unauthorized" {
  rest_api_id         = aws_api_gateway_rest_api.pets.id
  response_type       = "UNAUTHORIZED"
  status_code         = local.changed ? "403" : "401"
  response_templates  = { "application/json" = local.changed ? "{}" : "{\"message\":$context.error.messageString}" }
  response_parameters = local.changed ? {} : { "gatewayresponse.header.WWW-Authenticate" = "'Bearer'" }
}

resource "aws_api_gateway_gateway_response" "default_4xx" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  response_type = "DEFAULT_4XX"
  # What a gateway response leaves out shows as its default, which Terraform would want to remove.
  response_templates = { "application/json" = "{\"message\":$context.error.messageString}" }
  response_parameters = merge(
    { "gatewayresponse.header.Access-Control-Allow-Origin" = "'*'" },
    local.changed ? { "gatewayresponse.header.X-Path" = "context.path" } : {},
  )
}

resource "aws_api_gateway_documentation_part" "api" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  location {
    type = "API"
  }
  properties = jsonencode({ description = local.changed ? "Pets and more" : "Pets" })
}

resource "aws_api_gateway_documentation_part" "method" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  location {
    type        = "RESPONSE"
    method      = "GET"
    path        = "/pets"
    status_code = "200"
  }
  properties = jsonencode({ description = "Every pet" })
}

resource "aws_api_gateway_documentation_version" "first" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  version     = "first"
  description = local.changed ? "no longer the first" : "the first"
  depends_on  = [aws_api_gateway_documentation_part.api, aws_api_gateway_documentation_part.method]
}
