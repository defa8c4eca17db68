# The certificates of a real account, which ACM here knows nothing of.
locals {
  certificates = "arn:aws:acm:${data.aws_region.here.name}:${data.aws_caller_identity.self.account_id}:certificate"
  certificate  = "${local.certificates}/11111111-2222-3333-4444-555555555555"
  renewed      = local.changed ? "${local.certificates}/66666666-7777-8888-9999-000000000000" : local.certificate
}

resource "aws_api_gateway_rest_api" "pets" {
  name = "pets"
}

resource "aws_api_gateway_method" "root" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  resource_id   = aws_api_gateway_rest_api.pets.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "root" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  resource_id = aws_api_gateway_rest_api.pets.root_resource_id
  http_method = aws_api_gateway_method.root.http_method
  type        = "MOCK"
}

resource "aws_api_gateway_deployment" "pets" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  depends_on  = [aws_api_gateway_integration.root]
}

resource "aws_api_gateway_stage" "pets" {
  for_each      = toset(["blue", "green"])
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  deployment_id = aws_api_gateway_deployment.pets.id
  stage_name    = each.key
}

resource "aws_apigatewayv2_api" "pets" {
  name          = "pets"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "pets" {
  api_id = aws_apigatewayv2_api.pets.id
  name   = "$default"
}

# v1: one domain of each endpoint type.

resource "aws_api_gateway_domain_name" "edge" {
  domain_name     = "edge.example.com"
  certificate_arn = local.renewed
  tags            = { generation = var.generation }
}

resource "aws_api_gateway_domain_name" "regional" {
  domain_name              = "regional.example.com"
  regional_certificate_arn = local.changed ? aws_acm_certificate.imported.arn : aws_acm_certificate_validation.requested.certificate_arn
  security_policy          = local.changed ? "TLS_1_0" : "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_domain_name" "private" {
  domain_name     = "private.example.com"
  certificate_arn = local.certificate

  endpoint_configuration {
    types = ["PRIVATE"]
  }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = "execute-api:Invoke"
      Resource  = "arn:aws:execute-api:${data.aws_region.here.name}:${data.aws_caller_identity.self.account_id}:/domainnames/*"
      Condition = { StringEquals = { "aws:SourceVpce" = local.changed ? ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"] : ["vpce-0123456789abcdef0"] } }
    }]
  })
}

resource "aws_api_gateway_domain_name_access_association" "private" {
  access_association_source      = "vpce-0123456789abcdef0"
  access_association_source_type = "VPCE"
  domain_name_arn                = aws_api_gateway_domain_name.private.arn
  tags                           = { generation = var.generation }
}

resource "aws_api_gateway_base_path_mapping" "root" {
  api_id      = aws_api_gateway_rest_api.pets.id
  domain_name = aws_api_gateway_domain_name.edge.domain_name
}

resource "aws_api_gateway_base_path_mapping" "pets" {
  api_id      = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.pets[local.changed ? "green" : "blue"].stage_name
  domain_name = aws_api_gateway_domain_name.regional.domain_name
  base_path   = local.changed ? "animals" : "pets"
}

resource "aws_api_gateway_base_path_mapping" "private" {
  api_id         = aws_api_gateway_rest_api.pets.id
  stage_name     = aws_api_gateway_stage.pets["blue"].stage_name
  domain_name    = aws_api_gateway_domain_name.private.domain_name
  domain_name_id = aws_api_gateway_domain_name.private.domain_name_id
}

# v2, and REST and HTTP APIs behind one domain.

resource "aws_apigatewayv2_domain_name" "shared" {
  domain_name = "*.shared.example.com"

  domain_name_configuration {
    certificate_arn = aws_acm_certificate_validation.requested.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
    ip_address_type = local.changed ? "dualstack" : "ipv4"
  }

  tags = { generation = var.generation }
}

resource "aws_apigatewayv2_api_mapping" "http" {
  api_id      = aws_apigatewayv2_api.pets.id
  domain_name = aws_apigatewayv2_domain_name.shared.id
  stage       = aws_apigatewayv2_stage.pets.id
}

resource "aws_apigatewayv2_api_mapping" "rest" {
  api_id          = aws_api_gateway_rest_api.pets.id
  domain_name     = aws_apigatewayv2_domain_name.shared.id
  stage           = aws_api_gateway_stage.pets["blue"].stage_name
  api_mapping_key = local.changed ? "v2/pets" : "v1/pets"
}

data "aws_api_gateway_domain_name" "regional" {
  domain_name = aws_api_gateway_domain_name.regional.domain_name

  lifecycle {
    postcondition {
      condition     = self.regional_domain_name == aws_api_gateway_domain_name.regional.regional_domain_name && self.security_policy == aws_api_gateway_domain_name.regional.security_policy
      error_message = "The data source shows another domain."
    }
  }
}

data "aws_api_gateway_domain_name" "private" {
  domain_name    = aws_api_gateway_domain_name.private.domain_name
  domain_name_id = aws_api_gateway_domain_name.private.domain_name_id

  lifecycle {
    postcondition {
      condition     = self.certificate_arn == local.certificate && self.policy == aws_api_gateway_domain_name.private.policy
      error_message = "The data source shows another domain."
    }
  }
}
