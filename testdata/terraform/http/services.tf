resource "aws_apigatewayv2_integration" "queue" {
  api_id              = aws_apigatewayv2_api.pets.id
  integration_type    = "AWS_PROXY"
  integration_subtype = "SQS-SendMessage"
  credentials_arn     = aws_iam_role.gateway.arn

  request_parameters = {
    QueueUrl    = "https://sqs.us-east-1.amazonaws.com/123456789012/pets"
    MessageBody = local.changed ? "$request.body.message" : "$request.body"
  }
}

resource "aws_apigatewayv2_integration" "bus" {
  api_id              = aws_apigatewayv2_api.pets.id
  integration_type    = "AWS_PROXY"
  integration_subtype = "EventBridge-PutEvents"
  credentials_arn     = aws_iam_role.gateway.arn

  request_parameters = merge(
    { Source = "pets", DetailType = "bought", Detail = "$request.body" },
    local.changed ? { Resources = "$request.header.x-resource" } : {},
  )
}

resource "aws_apigatewayv2_route" "send" {
  api_id    = aws_apigatewayv2_api.pets.id
  route_key = "POST /messages"
  target    = "integrations/${local.changed ? aws_apigatewayv2_integration.bus.id : aws_apigatewayv2_integration.queue.id}"
}
