# Made from a document, which changes with it.
locals {
  document = {
    openapi = "3.0.1"
    info    = { title = "imported", version = local.changed ? "2.0" : "1.0", description = local.changed ? "changed" : "made" }
    paths = merge({
      "/pets/{id}" = {
        get = {
          operationId = "OnePet"
          parameters  = [{ name = "id", in = "path", required = true, schema = { type = "string" } }]
          responses = {
            "200" = { description = "a pet", content = { "application/json" = { schema = { "$ref" = "#/components/schemas/Pet" } } } }
          }
          "x-amazon-apigateway-integration" = {
            type             = "mock"
            requestTemplates = { "application/json" = "{\"statusCode\": 200}" }
            responses        = { default = { statusCode = "200", responseTemplates = { "application/json" = local.changed ? "{\"name\":\"tom\"}" : "{}" } } }
          }
        }
      }
      }, local.changed ? {
      "/new" = {
        "x-amazon-apigateway-any-method" = {
          "x-amazon-apigateway-integration" = { type = "http_proxy", httpMethod = "ANY", uri = "https://example.com/new" }
        }
      }
    } : {})
    components = {
      schemas         = { Pet = { type = "object", properties = { name = { type = "string" } } } }
      securitySchemes = {}
    }
    "x-amazon-apigateway-request-validators" = { all = { validateRequestBody = true, validateRequestParameters = true } }
    "x-amazon-apigateway-request-validator"  = "all"
    "x-amazon-apigateway-gateway-responses"  = { DEFAULT_5XX = { statusCode = local.changed ? "503" : "500" } }
    "x-amazon-apigateway-binary-media-types" = ["image/png"]
  }
}

resource "aws_api_gateway_rest_api" "imported" {
  name              = "imported"
  body              = jsonencode(local.document)
  put_rest_api_mode = "overwrite"
  fail_on_warnings  = false
  parameters        = { basepath = "ignore" }

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_deployment" "imported" {
  rest_api_id = aws_api_gateway_rest_api.imported.id
  triggers    = { body = sha1(aws_api_gateway_rest_api.imported.body) }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "imported" {
  rest_api_id   = aws_api_gateway_rest_api.imported.id
  deployment_id = aws_api_gateway_deployment.imported.id
  stage_name    = "v1"
}

data "aws_api_gateway_export" "imported" {
  rest_api_id = aws_api_gateway_stage.imported.rest_api_id
  stage_name  = aws_api_gateway_stage.imported.stage_name
  export_type = "oas30"
  parameters  = { extensions = "integrations" }
  depends_on  = [aws_api_gateway_stage.imported]

  lifecycle {
    postcondition {
      condition     = contains(keys(jsondecode(self.body).paths), "/pets/{id}") && strcontains(self.body, local.changed ? "tom" : "Pet")
      error_message = "the export is not whole"
    }
  }
}

# Made empty and filled by documents, in YAML and Swagger 2, on top of one another.
resource "aws_api_gateway_rest_api" "filled" {
  name = "filled"

  endpoint_configuration {
    types = ["EDGE"]
  }
}

resource "aws_api_gateway_rest_api_put" "filled" {
  rest_api_id      = aws_api_gateway_rest_api.filled.id
  fail_on_warnings = true
  triggers         = { generation = var.generation }
  body = yamlencode({
    swagger = "2.0"
    info    = { title = "filled", version = "1.0" }
    paths = {
      (local.changed ? "/changed" : "/made") = {
        post = {
          responses                         = { "200" = { description = "ok" } }
          "x-amazon-apigateway-integration" = { type = "http_proxy", httpMethod = "POST", uri = "https://example.com/" }
        }
      }
    }
  })
}
