// Package sts serves the AWS Security Token Service: who is calling, and temporary
// credentials. It keeps no records of its own; the credentials it issues are access
// keys of package iam, where a signature's verifier finds their secrets.
//
// Trust policies are not evaluated, and a role need not exist to be assumed: deploy
// tools assume their bootstrap roles before anything has created them.
package sts
