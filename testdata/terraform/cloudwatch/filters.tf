resource "aws_cloudwatch_log_group" "filtered" {
  name = "filtered"
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.filtered.name
  pattern        = local.changed ? "{ $.status = 5* }" : "ERROR"

  metric_transformation {
    name          = "Errors"
    namespace     = "Pets"
    value         = "1"
    default_value = local.changed ? null : 0
    unit          = local.changed ? "Count" : "None"
  }
}
