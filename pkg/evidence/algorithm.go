package evidence

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
)

// Algorithm is a signature algorithm of a device, by its JWS name (RFC 7518, section 3.1). It follows from the key: an
// EC key signs ES256, an RSA key RS256.
type Algorithm string

// The algorithms a device may use.
const (
	ES256 Algorithm = "ES256" // ECDSA on P-256 with SHA-256
	RS256 Algorithm = "RS256" // RSASSA-PKCS1-v1_5 with SHA-256
)

// Algorithms lists the algorithms a device may use, the usual one first.
func Algorithms() []Algorithm { return []Algorithm{ES256, RS256} }

const (
	generatedModulusBits = 2048 // recorded callbacks of the service carry 256-byte RSA signatures
	leastModulusBits     = 2048
	mostModulusBits      = 4096
	leastExponent        = 3
	mostExponent         = 1<<31 - 1 // the most that crypto/rsa takes
)

// generate makes a private key from the system's secure random source. crypto/ecdsa and crypto/rsa use that source
// whatever reader they are given, since Go 1.26.
func (a Algorithm) generate() (crypto.Signer, error) {
	switch a {
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case RS256:
		return rsa.GenerateKey(rand.Reader, generatedModulusBits)
	default:
		return nil, fmt.Errorf("%w: algorithm %q is not known: must be ES256 or RS256", ErrKey, string(a))
	}
}

// algorithmOf says how a public key verifies, or why a device may not have it.
func algorithmOf(public crypto.PublicKey) (Algorithm, error) {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() {
			return "", fmt.Errorf("%w: EC key must be on the curve P-256", ErrKey)
		}
		return ES256, nil
	case *rsa.PublicKey:
		return RS256, checkRSA(key)
	default:
		return "", fmt.Errorf("%w: must be an EC key on P-256 or an RSA key", ErrKey)
	}
}

func checkRSA(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < leastModulusBits || bits > mostModulusBits {
		return fmt.Errorf("%w: RSA key has %d bits: must have %d to %d", ErrKey, bits, leastModulusBits, mostModulusBits)
	}
	if key.N.Bit(0) == 0 {
		return fmt.Errorf("%w: RSA modulus is even", ErrKey)
	}
	if key.E < leastExponent || key.E > mostExponent || key.E%2 == 0 {
		return fmt.Errorf("%w: RSA exponent is %d: must be odd and at least %d", ErrKey, key.E, leastExponent)
	}
	return nil
}
