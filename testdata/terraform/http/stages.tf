resource "aws_apigatewayv2_deployment" "main" {
  api_id      = aws_apigatewayv2_api.pets.id
  description = local.changed ? "first, changed" : "first"
  depends_on  = [aws_apigatewayv2_route.list, aws_apigatewayv2_route.show]
}

resource "aws_apigatewayv2_deployment" "next" {
  api_id     = aws_apigatewayv2_api.pets.id
  triggers   = { generation = var.generation }
  depends_on = [aws_apigatewayv2_deployment.main]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_apigatewayv2_stage" "prod" {
  api_id          = aws_apigatewayv2_api.pets.id
  name            = "prod"
  deployment_id   = local.changed ? aws_apigatewayv2_deployment.next.id : aws_apigatewayv2_deployment.main.id
  description     = local.changed ? "changed" : "made"
  stage_variables = local.changed ? { kind = "cat", new = "1" } : { kind = "dog", old = "1" }

  default_route_settings {
    detailed_metrics_enabled = local.changed
    throttling_burst_limit   = local.changed ? 5 : 10
    throttling_rate_limit    = local.changed ? 2.5 : 20
  }

  route_settings {
    route_key              = aws_apigatewayv2_route.list.route_key
    throttling_burst_limit = local.changed ? 3 : 1
    throttling_rate_limit  = 1
  }

  dynamic "route_settings" {
    for_each = local.changed ? [] : [aws_apigatewayv2_route.show.route_key]
    content {
      route_key                = route_settings.value
      detailed_metrics_enabled = true
      throttling_burst_limit   = 7
      throttling_rate_limit    = 7
    }
  }

  # Terraform cannot take access logs away: it sends what AWS does not take for a removal.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = local.changed ? "$context.requestId $context.status" : "$context.requestId"
  }

  tags = local.changed ? { stage = "prod" } : { stage = "prod", old = "yes" }
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.pets.id
  name        = "$default"
  auto_deploy = true

  dynamic "access_log_settings" {
    for_each = local.changed ? [1] : []
    content {
      destination_arn = aws_cloudwatch_log_group.access.arn
      format          = jsonencode({ id = "$context.requestId" })
    }
  }
}

resource "aws_apigatewayv2_stage" "imported" {
  api_id      = aws_apigatewayv2_api.imported.id
  name        = "v1"
  auto_deploy = true
}

resource "aws_apigatewayv2_vpc_link" "inner" {
  name               = local.changed ? "inner-changed" : "inner"
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_ids = ["sg-0123456789abcdef0"]
  tags               = { generation = var.generation }
}

resource "aws_apigatewayv2_integration" "inner" {
  api_id             = aws_apigatewayv2_api.pets.id
  integration_type   = "HTTP_PROXY"
  integration_method = "ANY"
  integration_uri    = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/inner/0123456789abcdef/0123456789abcdef"
  connection_type    = "VPC_LINK"
  connection_id      = aws_apigatewayv2_vpc_link.inner.id

  tls_config {
    server_name_to_verify = local.changed ? "other.example" : "inner.example"
  }
}
