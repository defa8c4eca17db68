resource "aws_iam_role" "gateway" {
  name = "gateway-http"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = ["apigateway.amazonaws.com", "lambda.amazonaws.com"] } }]
  })
}

resource "aws_cloudwatch_log_group" "access" {
  name = "/access/http"
}

resource "aws_lambda_function" "pets" {
  function_name = "pets-http"
  role          = aws_iam_role.gateway.arn
  runtime       = "provided.al2023"
  handler       = "bootstrap"
  filename      = "function.zip"
}
