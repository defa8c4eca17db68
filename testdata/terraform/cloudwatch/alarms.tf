resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "errors"
  alarm_description   = local.changed ? "too many" : "some"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "5XXError"
  namespace           = "AWS/ApiGateway"
  period              = 60
  statistic           = "Sum"
  threshold           = var.generation
  treat_missing_data  = "notBreaching"
  dimensions          = { ApiName = "pets" }
  tags                = { generation = var.generation }
}

resource "aws_cloudwatch_metric_alarm" "rate" {
  alarm_name          = "rate"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  threshold           = 5

  metric_query {
    id          = "rate"
    expression  = "errors / count * 100"
    label       = "errors in percent"
    return_data = true
  }
  metric_query {
    id = "count"
    metric {
      metric_name = "Count"
      namespace   = "AWS/ApiGateway"
      period      = 120
      stat        = "Sum"
      unit        = "Count"
      dimensions  = { ApiName = "pets" }
    }
  }
  metric_query {
    id = "errors"
    metric {
      metric_name = "5XXError"
      namespace   = "AWS/ApiGateway"
      period      = 120
      stat        = "Sum"
      dimensions  = { ApiName = "pets" }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "any" {
  alarm_name = "any"
  alarm_rule = "ALARM(${aws_cloudwatch_metric_alarm.errors.alarm_name}) OR ALARM(${aws_cloudwatch_metric_alarm.rate.alarm_name})"
}

resource "aws_cloudwatch_dashboard" "pets" {
  dashboard_name = "pets"
  dashboard_body = jsonencode({ widgets = local.changed ? [{ type = "text", x = 0, y = 0, width = 6, height = 3, properties = { markdown = "pets" } }] : [] })
}
