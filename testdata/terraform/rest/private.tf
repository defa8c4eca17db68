# A private API, reached by VPC endpoints.
resource "aws_api_gateway_rest_api" "private" {
  name = "private"

  endpoint_configuration {
    types            = ["PRIVATE"]
    vpc_endpoint_ids = local.changed ? ["vpce-0123456789abcdef1", "vpce-0123456789abcdef2"] : ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]
  }

  body = jsonencode({
    swagger = "2.0"
    info    = { title = "private", version = "1.0" }
    paths = {
      "/" = { get = {
        responses                         = { "200" = { description = "ok" } }
        "x-amazon-apigateway-integration" = { type = "http_proxy", httpMethod = "GET", uri = "https://example.com/" }
      } }
    }
    "x-amazon-apigateway-policy" = {
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Principal = "*", Action = "execute-api:Invoke", Resource = "execute-api:/*" }]
    }
  })
}

resource "aws_api_gateway_deployment" "private" {
  rest_api_id = aws_api_gateway_rest_api.private.id
}

resource "aws_api_gateway_stage" "private" {
  rest_api_id   = aws_api_gateway_rest_api.private.id
  deployment_id = aws_api_gateway_deployment.private.id
  stage_name    = "v1"
}
