resource "aws_api_gateway_deployment" "main" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  description = local.changed ? "first, changed" : "first"
  depends_on = [
    aws_api_gateway_integration_response.list_200, aws_api_gateway_integration_response.list_404,
    aws_api_gateway_integration.create, aws_api_gateway_integration.show, aws_api_gateway_integration.proxy,
  ]

  lifecycle {
    create_before_destroy = true
  }
}

# Made anew when the API changes.
resource "aws_api_gateway_deployment" "next" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  triggers    = { generation = var.generation }
  depends_on  = [aws_api_gateway_deployment.main]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id           = aws_api_gateway_rest_api.pets.id
  stage_name            = "prod"
  deployment_id         = local.changed ? aws_api_gateway_deployment.next.id : aws_api_gateway_deployment.main.id
  description           = local.changed ? "changed" : "made"
  documentation_version = aws_api_gateway_documentation_version.first.version
  client_certificate_id = local.changed ? null : aws_api_gateway_client_certificate.own.id
  cache_cluster_enabled = true
  cache_cluster_size    = local.changed ? "1.6" : "0.5"
  xray_tracing_enabled  = local.changed
  variables             = local.changed ? { kind = "cat", new = "1" } : { kind = "dog", old = "1" }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format          = local.changed ? "$context.requestId $context.status" : jsonencode({ id = "$context.requestId" })
  }

  tags       = local.changed ? { stage = "prod" } : { stage = "prod", old = "yes" }
  depends_on = [aws_api_gateway_account.account]
}

# One part of the traffic goes to another deployment; then none does.
resource "aws_api_gateway_stage" "canary" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  stage_name    = "canary"
  deployment_id = aws_api_gateway_deployment.main.id
  variables     = { kind = "dog" }

  dynamic "canary_settings" {
    for_each = local.changed ? [] : [1]
    content {
      deployment_id            = aws_api_gateway_deployment.main.id
      percent_traffic          = 12.5
      stage_variable_overrides = { kind = "cat" }
      use_stage_cache          = true
    }
  }

  dynamic "access_log_settings" {
    for_each = local.changed ? [] : [1]
    content {
      destination_arn = aws_cloudwatch_log_group.access.arn
      format          = "$context.requestId"
    }
  }
}

# The other way round: a canary comes to a stage, and its share changes.
resource "aws_api_gateway_stage" "later" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  stage_name    = "later"
  deployment_id = aws_api_gateway_deployment.main.id

  dynamic "canary_settings" {
    for_each = local.changed ? [1] : []
    content {
      deployment_id   = aws_api_gateway_deployment.next.id
      percent_traffic = 50
    }
  }
}

# Settings of one method start from those for all methods, where these are there already:
# as on AWS, only an order of their own makes what a first apply leaves certain.
resource "aws_api_gateway_method_settings" "all" {
  depends_on = [
    aws_api_gateway_method_settings.list,
    aws_api_gateway_method_settings.pet,
  ]

  rest_api_id = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = !local.changed
    logging_level          = local.changed ? "ERROR" : "INFO"
    data_trace_enabled     = true
    throttling_rate_limit  = local.changed ? 50.5 : 100
    throttling_burst_limit = local.changed ? 25 : 50
  }
}

resource "aws_api_gateway_method_settings" "list" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "pets/GET"

  settings {
    caching_enabled                            = true
    cache_ttl_in_seconds                       = local.changed ? 0 : 60
    cache_data_encrypted                       = local.changed
    require_authorization_for_cache_control    = true
    unauthorized_cache_control_header_strategy = local.changed ? "FAIL_WITH_403" : "SUCCEED_WITHOUT_RESPONSE_HEADER"
  }
}

# The path of a nested resource, as the provider's documentation wants it.
resource "aws_api_gateway_method_settings" "pet" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "${trimprefix("/pets/{id}", "/")}/GET"

  settings {
    metrics_enabled = local.changed
  }
}

resource "aws_api_gateway_client_certificate" "own" {
  description = local.changed ? "shown to backends" : "shown"
  tags        = { generation = var.generation }
}

resource "aws_api_gateway_account" "account" {
  cloudwatch_role_arn = local.changed ? aws_iam_role.logger.arn : aws_iam_role.gateway.arn
  reset_on_delete     = true
}
