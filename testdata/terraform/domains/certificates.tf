# What the domains show to TLS clients: one certificate of ACM's own, and one that was
# made elsewhere and takes another's place under the same ARN.

resource "aws_acm_certificate" "requested" {
  domain_name               = "example.com"
  subject_alternative_names = ["*.example.com", "*.shared.example.com"]
  validation_method         = "DNS"
  key_algorithm             = "EC_prime256v1"
  tags                      = { generation = var.generation }

  options {
    certificate_transparency_logging_preference = local.changed ? "DISABLED" : "ENABLED"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate_validation" "requested" {
  certificate_arn         = aws_acm_certificate.requested.arn
  validation_record_fqdns = [for o in aws_acm_certificate.requested.domain_validation_options : o.resource_record_name]
}

resource "aws_acm_certificate" "imported" {
  certificate_body = file("server-${var.generation}.pem")
  private_key      = file("server-${var.generation}-key.pem")
}

data "aws_acm_certificate" "requested" {
  domain      = "example.com"
  statuses    = ["ISSUED"]
  key_types   = ["EC_prime256v1"]
  most_recent = true
  depends_on  = [aws_acm_certificate_validation.requested]

  lifecycle {
    postcondition {
      condition     = self.arn == aws_acm_certificate.requested.arn && self.status == "ISSUED"
      error_message = "The data source shows another certificate."
    }
  }
}
