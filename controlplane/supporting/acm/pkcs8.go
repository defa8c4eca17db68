package acm

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
)

// Object identifiers of RFC 8018 and of NIST's algorithms.
var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

const (
	keyIterations = 2048
	keySalt       = 16
	keySize       = 32
)

// The structures of RFC 8018 (PBES2) and RFC 5958 (EncryptedPrivateKeyInfo).
type (
	encryptedKeyInfo struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	pbes2 struct {
		Derivation, Encryption pkix.AlgorithmIdentifier
	}
	pbkdf2Parameters struct {
		Salt       []byte
		Iterations int
		PRF        pkix.AlgorithmIdentifier
	}
)

// encryptKey encrypts a PKCS #8 key under a passphrase, as `openssl pkcs8` does and
// reads it.
func encryptKey(key, passphrase []byte) ([]byte, error) {
	salt, iv := make([]byte, keySalt), make([]byte, aes.BlockSize)
	// crypto/rand.Read never fails.
	_, _ = rand.Read(salt)
	_, _ = rand.Read(iv)
	derived, err := pbkdf2.Key(sha256.New, string(passphrase), salt, keyIterations, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key of an export: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, fmt.Errorf("encrypt an export: %w", err)
	}
	pad := aes.BlockSize - len(key)%aes.BlockSize
	data := append(bytes.Clone(key), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)

	derivation, err := algorithm(oidPBKDF2, pbkdf2Parameters{salt, keyIterations, pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256, Parameters: asn1.NullRawValue}})
	if err != nil {
		return nil, err
	}
	encryption, err := algorithm(oidAES256CBC, iv)
	if err != nil {
		return nil, err
	}
	scheme, err := algorithm(oidPBES2, pbes2{derivation, encryption})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedKeyInfo{scheme, data})
}

func algorithm(oid asn1.ObjectIdentifier, parameters any) (pkix.AlgorithmIdentifier, error) {
	der, err := asn1.Marshal(parameters)
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: der}}, err
}
