// Package iam serves AWS Identity and Access Management: roles and users with
// their inline and attached policies, managed policies and their versions, and access
// keys. Policies are kept and checked for form; they are not evaluated here.
//
// IAM is global: its records belong to (account, "aws-global"). Access key ids are
// unique over all accounts, so access keys stand in one scope of their own and name
// their account; SecretFor finds one from the id alone, which is all that a signed
// request shows. Temporary credentials are access keys too: sts issues them through
// IssueTemporary.
//
// Policies that AWS manages (arn:aws:iam::aws:policy/…) all exist: the well-known
// ones with their document, any other with one that allows everything.
package iam
