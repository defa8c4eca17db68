data "aws_apigatewayv2_api" "pets" {
  api_id = aws_apigatewayv2_api.pets.id

  lifecycle {
    postcondition {
      condition     = self.name == aws_apigatewayv2_api.pets.name && self.api_endpoint == aws_apigatewayv2_api.pets.api_endpoint && self.cors_configuration[0].max_age == (local.changed ? 60 : 300)
      error_message = "the API has other settings"
    }
  }
}

data "aws_apigatewayv2_apis" "cats_or_dogs" {
  protocol_type = "HTTP"
  tags          = { team = local.changed ? "cats" : "dogs" }
  depends_on    = [aws_apigatewayv2_api.pets, aws_apigatewayv2_api.quick, aws_apigatewayv2_api.imported]

  lifecycle {
    postcondition {
      condition     = self.ids == toset([aws_apigatewayv2_api.pets.id])
      error_message = "found other APIs"
    }
  }
}

data "aws_apigatewayv2_export" "prod" {
  api_id        = aws_apigatewayv2_api.pets.id
  stage_name    = aws_apigatewayv2_stage.prod.name
  specification = "OAS30"
  output_type   = "JSON"

  lifecycle {
    postcondition {
      condition     = strcontains(self.body, "x-amazon-apigateway-integration") && strcontains(self.body, "/pets/{id}")
      error_message = "the export is not whole"
    }
  }
}

data "aws_apigatewayv2_vpc_link" "inner" {
  vpc_link_id = aws_apigatewayv2_vpc_link.inner.id

  lifecycle {
    postcondition {
      condition     = self.name == aws_apigatewayv2_vpc_link.inner.name && self.subnet_ids == aws_apigatewayv2_vpc_link.inner.subnet_ids
      error_message = "found another VPC link"
    }
  }
}
