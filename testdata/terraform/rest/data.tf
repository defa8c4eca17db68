data "aws_api_gateway_rest_api" "pets" {
  name       = aws_api_gateway_rest_api.pets.name
  depends_on = [aws_api_gateway_rest_api_policy.pets]

  lifecycle {
    postcondition {
      condition     = self.id == aws_api_gateway_rest_api.pets.id && self.root_resource_id == aws_api_gateway_rest_api.pets.root_resource_id && self.arn == aws_api_gateway_rest_api.pets.arn
      error_message = "found another API"
    }
    postcondition {
      condition     = self.tags["team"] == (local.changed ? "cats" : "dogs") && self.endpoint_configuration[0].types[0] == "REGIONAL"
      error_message = "the API has other settings"
    }
  }
}

data "aws_api_gateway_resource" "pet" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  path        = "${aws_api_gateway_resource.pets.path}/{id}"
  depends_on  = [aws_api_gateway_resource.pet]

  lifecycle {
    postcondition {
      condition     = self.id == aws_api_gateway_resource.pet.id && self.parent_id == aws_api_gateway_resource.pets.id && self.path_part == "{id}"
      error_message = "found another resource"
    }
  }
}

data "aws_api_gateway_authorizer" "token" {
  rest_api_id   = aws_api_gateway_rest_api.pets.id
  authorizer_id = aws_api_gateway_authorizer.token.id

  lifecycle {
    postcondition {
      condition     = self.name == aws_api_gateway_authorizer.token.name && self.identity_source == aws_api_gateway_authorizer.token.identity_source && self.authorizer_uri == aws_lambda_function.pets.invoke_arn
      error_message = "the authorizer has other settings"
    }
  }
}

data "aws_api_gateway_authorizers" "all" {
  rest_api_id = aws_api_gateway_rest_api.pets.id
  depends_on  = [aws_api_gateway_authorizer.token, aws_api_gateway_authorizer.users]

  lifecycle {
    postcondition {
      condition     = toset(self.ids) == toset([aws_api_gateway_authorizer.token.id, aws_api_gateway_authorizer.users.id])
      error_message = "found other authorizers"
    }
  }
}

data "aws_api_gateway_api_key" "ann" {
  id = aws_api_gateway_api_key.ann.id

  lifecycle {
    postcondition {
      condition     = nonsensitive(self.value) == "0123456789012345678901" && self.customer_id == aws_api_gateway_api_key.ann.customer_id
      error_message = "the key has another value"
    }
  }
}

data "aws_api_gateway_api_keys" "ann" {
  customer_id    = aws_api_gateway_api_key.ann.customer_id
  include_values = true

  lifecycle {
    postcondition {
      condition     = [for k in self.items : "${k.id} ${k.value}"] == ["${aws_api_gateway_api_key.ann.id} 0123456789012345678901"]
      error_message = "found other keys"
    }
  }
}

data "aws_api_gateway_vpc_link" "inner" {
  name = aws_api_gateway_vpc_link.inner.name

  lifecycle {
    postcondition {
      condition     = self.id == aws_api_gateway_vpc_link.inner.id && self.status == "AVAILABLE"
      error_message = "found another VPC link"
    }
  }
}

data "aws_api_gateway_export" "prod" {
  for_each    = { oas30 = "application/yaml", swagger = "application/json" }
  rest_api_id = aws_api_gateway_rest_api.pets.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  export_type = each.key
  accepts     = each.value
  parameters  = { extensions = "apigateway" }

  lifecycle {
    postcondition {
      condition     = strcontains(self.body, "x-amazon-apigateway-integration")
      error_message = "the export is not whole"
    }
  }
}
