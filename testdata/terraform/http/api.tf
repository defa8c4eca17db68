resource "aws_apigatewayv2_api" "pets" {
  name                         = local.changed ? "pets, changed" : "pets"
  protocol_type                = "HTTP"
  description                  = local.changed ? "no longer new" : "new"
  version                      = local.changed ? "2" : "1"
  disable_execute_api_endpoint = local.changed
  ip_address_type              = local.changed ? "dualstack" : "ipv4"

  cors_configuration {
    allow_credentials = !local.changed
    allow_headers     = local.changed ? ["*"] : ["authorization", "x-kind"]
    allow_methods     = local.changed ? ["*"] : ["GET", "POST"]
    allow_origins     = local.changed ? ["*"] : ["https://example.com", "https://pets.example"]
    expose_headers    = ["x-kind"]
    max_age           = local.changed ? 60 : 300
  }

  tags = local.changed ? { team = "cats", cost = "2" } : { team = "dogs", old = "yes" }
}

# Made by its target alone, and without CORS in the end.
resource "aws_apigatewayv2_api" "quick" {
  name            = "quick"
  protocol_type   = "HTTP"
  target          = local.changed ? "https://example.com/changed" : "https://example.com/"
  route_key       = local.changed ? "GET /changed" : "$default"
  credentials_arn = null

  dynamic "cors_configuration" {
    for_each = local.changed ? [] : [1]
    content {
      allow_origins = ["*"]
    }
  }
}

# Made from a document.
resource "aws_apigatewayv2_api" "imported" {
  name             = "imported"
  protocol_type    = "HTTP"
  version          = "1.0"
  fail_on_warnings = true
  body = jsonencode({
    openapi = "3.0.1"
    info    = { title = "imported", version = "1.0" }
    paths = merge({
      "/pets/{id}" = {
        get = {
          operationId = local.changed ? "AnyPet" : "OnePet"
          "x-amazon-apigateway-integration" = {
            type                 = "http_proxy"
            httpMethod           = "GET"
            uri                  = "https://example.com/{id}"
            payloadFormatVersion = "1.0"
          }
        }
      }
      }, local.changed ? {} : {
      "/old" = {
        get = {
          "x-amazon-apigateway-integration" = {
            type                 = "http_proxy"
            httpMethod           = "GET"
            uri                  = "https://example.com/old"
            payloadFormatVersion = "1.0"
          }
        }
      }
    })
  })
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.pets.id
  name             = local.changed ? "jwt-changed" : "jwt"
  authorizer_type  = "JWT"
  identity_sources = local.changed ? ["$request.querystring.token"] : ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = local.changed ? "https://other.example" : "https://issuer.example"
    audience = local.changed ? ["pets", "more"] : ["pets"]
  }
}

resource "aws_apigatewayv2_authorizer" "request" {
  api_id                            = aws_apigatewayv2_api.pets.id
  name                              = local.changed ? "request-changed" : "request"
  authorizer_type                   = "REQUEST"
  authorizer_uri                    = aws_lambda_function.pets.invoke_arn
  authorizer_credentials_arn        = local.changed ? null : aws_iam_role.gateway.arn
  authorizer_payload_format_version = local.changed ? "1.0" : "2.0"
  authorizer_result_ttl_in_seconds  = local.changed ? 0 : 60
  enable_simple_responses           = !local.changed
  identity_sources                  = local.changed ? ["$request.header.X-Token", "$context.routeKey"] : ["$request.header.X-Token"]
}

resource "aws_apigatewayv2_integration" "function" {
  api_id                 = aws_apigatewayv2_api.pets.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = aws_lambda_function.pets.invoke_arn
  description            = local.changed ? "the function, changed" : "the function"
  credentials_arn        = local.changed ? aws_iam_role.gateway.arn : null
  payload_format_version = local.changed ? "1.0" : "2.0"
  timeout_milliseconds   = local.changed ? 1000 : 30000
}

resource "aws_apigatewayv2_integration" "backend" {
  api_id             = aws_apigatewayv2_api.pets.id
  integration_type   = "HTTP_PROXY"
  integration_method = local.changed ? "ANY" : "GET"
  integration_uri    = local.changed ? "https://example.com/changed" : "https://example.com/"

  request_parameters = local.changed ? {
    "append:header.x-kind" = "cat"
    } : {
    "append:header.x-kind"     = "dog"
    "overwrite:querystring.id" = "$request.path.id"
  }

  # Terraform takes away what it also sets when a status code's mappings change.
  response_parameters {
    status_code = "404"
    mappings    = { "overwrite:statuscode" = "204", "remove:header.x-old" = "''" }
  }

  dynamic "response_parameters" {
    for_each = [local.changed ? 503 : 500]
    content {
      status_code = response_parameters.value
      mappings    = { "append:header.x-broken" = "yes" }
    }
  }
}

resource "aws_apigatewayv2_route" "list" {
  api_id             = aws_apigatewayv2_api.pets.id
  route_key          = local.changed ? "GET /animals" : "GET /pets"
  operation_name     = local.changed ? "AllPets" : "ListPets"
  target             = "integrations/${local.changed ? aws_apigatewayv2_integration.backend.id : aws_apigatewayv2_integration.function.id}"
  authorization_type = local.changed ? "AWS_IAM" : "NONE"
}

resource "aws_apigatewayv2_route" "show" {
  api_id               = aws_apigatewayv2_api.pets.id
  route_key            = "GET /pets/{id}"
  target               = "integrations/${aws_apigatewayv2_integration.backend.id}"
  authorization_type   = local.changed ? "CUSTOM" : "JWT"
  authorizer_id        = local.changed ? aws_apigatewayv2_authorizer.request.id : aws_apigatewayv2_authorizer.jwt.id
  authorization_scopes = local.changed ? null : ["pets/read"]
}

resource "aws_apigatewayv2_route" "default" {
  api_id    = aws_apigatewayv2_api.pets.id
  route_key = "$default"
}
