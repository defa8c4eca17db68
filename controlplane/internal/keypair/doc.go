// Package keypair reads certificates and private keys in the forms that people upload.
package keypair
