resource "aws_iam_role" "gateway" {
  name               = "gateway"
  assume_role_policy = local.trust
}

resource "aws_iam_role" "logger" {
  name               = "logger"
  description        = local.changed ? "writes, changed" : "writes"
  assume_role_policy = local.trust
  tags               = { generation = var.generation }
}

resource "aws_iam_role_policy" "logger" {
  name   = "write"
  role   = aws_iam_role.logger.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "logs:*", Resource = local.changed ? "*" : "arn:aws:logs:*:*:*" }] })
}

locals {
  trust = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["apigateway.amazonaws.com", "lambda.amazonaws.com"] } }]
  })
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "access/pets"
  retention_in_days = local.changed ? 7 : 3
  tags              = { generation = var.generation }
}

resource "aws_lambda_function" "pets" {
  function_name = "pets"
  role          = aws_iam_role.gateway.arn
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  filename      = "function.zip"
}

resource "aws_lambda_permission" "gateway" {
  statement_id  = "gateway"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.pets.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.pets.execution_arn}/*/*"
}
