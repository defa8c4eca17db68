resource "aws_api_gateway_api_key" "ann" {
  name        = local.changed ? "ann, changed" : "ann"
  description = local.changed ? "Ann's, no longer used" : "Ann's"
  enabled     = !local.changed
  customer_id = local.changed ? "ann-2" : "ann-1"
  value       = "0123456789012345678901"
  tags        = { generation = var.generation }
}

resource "aws_api_gateway_api_key" "bob" {
  name = "bob"
}

resource "aws_api_gateway_usage_plan" "gold" {
  name         = local.changed ? "gold, changed" : "gold"
  description  = local.changed ? "for few" : "for all"
  product_code = local.changed ? "GOLD2" : "GOLD"

  api_stages {
    api_id = aws_api_gateway_rest_api.pets.id
    stage  = aws_api_gateway_stage.prod.stage_name

    throttle {
      path        = local.changed ? "/animals/POST" : "/pets/GET"
      rate_limit  = 5
      burst_limit = local.changed ? 3 : 2
    }
  }

  dynamic "api_stages" {
    for_each = local.changed ? [aws_api_gateway_stage.canary.stage_name] : []
    content {
      api_id = aws_api_gateway_rest_api.pets.id
      stage  = api_stages.value
    }
  }

  quota_settings {
    limit  = local.changed ? 200 : 100
    offset = local.changed ? 0 : 2
    period = local.changed ? "DAY" : "WEEK"
  }

  throttle_settings {
    rate_limit  = local.changed ? 20 : 10
    burst_limit = local.changed ? 8 : 5
  }

  tags       = { generation = var.generation }
  depends_on = [aws_api_gateway_method.list]
}

# Limits that go, and limits that come.
resource "aws_api_gateway_usage_plan" "silver" {
  name = "silver"

  dynamic "quota_settings" {
    for_each = local.changed ? [] : [1]
    content {
      limit  = 10
      period = "MONTH"
    }
  }

  dynamic "throttle_settings" {
    for_each = local.changed ? [1] : []
    content {
      rate_limit  = 1.5
      burst_limit = 1
    }
  }
}

resource "aws_api_gateway_usage_plan_key" "ann" {
  key_id        = aws_api_gateway_api_key.ann.id
  key_type      = "API_KEY"
  usage_plan_id = local.changed ? aws_api_gateway_usage_plan.silver.id : aws_api_gateway_usage_plan.gold.id
}
