terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# Everything else comes from the environment, as for a user: AWS_ENDPOINT_URL, AWS_REGION, the key pair.
provider "aws" {
  default_tags {
    tags = { suite = "postern" }
  }
}

# The state that the configuration describes: first it is made so, then changed to.
variable "generation" {
  type    = number
  default = 1
}

locals {
  changed = var.generation > 1
}

data "aws_caller_identity" "self" {}
data "aws_region" "here" {}
