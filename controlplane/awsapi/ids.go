package awsapi

import "crypto/rand"

// RandomID gives n random lower-case letters and digits, like an id of API Gateway.
func RandomID(n int) string { return Random(n, "abcdefghijklmnopqrstuvwxyz0123456789") }

// RandomHex gives n random hexadecimal digits.
func RandomHex(n int) string { return Random(n, "0123456789abcdef") }

// Random gives n random characters of an alphabet.
func Random(n int, alphabet string) string {
	b := make([]byte, n)
	// crypto/rand.Read never fails.
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}
