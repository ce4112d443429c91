// Package localca is a throw-away certificate authority for one workspace. Browsers give a page the means to sign only over
// a secure connection, and no public authority vouches for a name in a local network. This one may vouch for nothing but
// the machine it was made on: its certificate says so (name constraints), so that even a stolen key is no use elsewhere.
package localca

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Lives of certificates.
const (
	authorityLife = 365 * 24 * time.Hour
	renewBefore   = 30 * 24 * time.Hour // an authority that ends sooner is made anew
	leafLife      = 7 * 24 * time.Hour
	clockSkew     = time.Hour // a phone's clock may be behind
)

const localhost = "localhost"

// Machine is what an authority may vouch for.
type Machine struct {
	Names     []string     // host names, such as laptop.local; localhost is always among them
	Addresses []netip.Addr // the loopback addresses are always among them
}

// complete adds what every machine has, and puts everything in order.
func (m Machine) complete() Machine {
	names := []string{localhost}
	for _, name := range m.Names {
		names = append(names, strings.ToLower(strings.TrimSuffix(name, ".")))
	}
	addresses := append([]netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}, m.Addresses...)
	slices.Sort(names)
	slices.SortFunc(addresses, netip.Addr.Compare)
	return Machine{Names: slices.Compact(names), Addresses: slices.Compact(addresses)}
}

// Authority is a certificate authority with its key.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// Blocks of the file.
const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "EC PRIVATE KEY"
)

// Ensure reads the authority in a file, which only the user can read. It makes a new one for the machine when there is none,
// when it ends within a month, or when it may vouch neither for the machine's names nor for its first address; fresh
// reports that: whoever trusts the former one has to trust the new one again. Further addresses come and go, with a VPN
// for example, and are not worth that.
func Ensure(path string, m Machine, now time.Time) (a *Authority, fresh bool, err error) {
	a, err = read(path)
	if err == nil && now.Before(a.certificate.NotAfter.Add(-renewBefore)) && a.covers(m.essential()) {
		return a, false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errBroken) {
		return nil, false, fmt.Errorf("reading the certificate authority of the workspace: %w", err)
	}
	if a, err = create(m, now); err != nil {
		return nil, false, fmt.Errorf("making a certificate authority: %w", err)
	}
	if err := a.write(path); err != nil {
		return nil, false, fmt.Errorf("keeping the certificate authority of the workspace: %w", err)
	}
	return a, true, nil
}

// create makes an authority for a machine.
func create(m Machine, now time.Time) (*Authority, error) {
	m = m.complete()
	return selfSigned(&x509.Certificate{
		Subject:   subject(fmt.Sprintf("onetouch on %s, %s", m.label(), now.Format(time.DateOnly))),
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(authorityLife),
		PermittedDNSDomains: m.Names, PermittedIPRanges: m.ranges(),
	})
}

// ForNames makes an authority for hosts of these names, wherever they are. It may vouch for no other name and for no
// address, lives as long as a certificate of a server does, and its key never leaves the memory of this process.
func ForNames(names []string, now time.Time) (*Authority, error) {
	a, err := selfSigned(&x509.Certificate{
		Subject:   subject(fmt.Sprintf("onetouch in the place of %s", strings.Join(names, ", "))),
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(leafLife),
		PermittedDNSDomains: names, ExcludedIPRanges: everyAddress(),
	})
	if err != nil {
		return nil, fmt.Errorf("making a certificate authority: %w", err)
	}
	return a, nil
}

// everyAddress is what an authority excludes that vouches for names alone.
func everyAddress() []*net.IPNet {
	return []*net.IPNet{
		{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 8*net.IPv4len)},
		{IP: net.IPv6zero, Mask: net.CIDRMask(0, 8*net.IPv6len)},
	}
}

// selfSigned makes an authority that vouches for servers alone, within the name constraints of the template.
func selfSigned(template *x509.Certificate) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if template.SerialNumber, err = newSerial(); err != nil {
		return nil, err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageCertSign, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.PermittedDNSDomainsCritical = true
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &Authority{certificate: certificate, key: key}, err
}

// essential is what phones connect to.
func (m Machine) essential() Machine {
	return Machine{Names: m.Names, Addresses: m.Addresses[:min(1, len(m.Addresses))]}
}

// label is the machine's name for people.
func (m Machine) label() string {
	for _, name := range m.Names {
		if name != localhost {
			return name
		}
	}
	return localhost
}

func subject(name string) pkix.Name {
	return pkix.Name{Organization: []string{"onetouch"}, CommonName: name} //nolint:misspell // what it is called there
}

func newSerial() (*big.Int, error) {
	const bits = 127 // RFC 5280: positive, at most 20 bytes
	return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), bits))
}

// errBroken says that the file is not what was written to it.
var errBroken = errors.New("the file holds no certificate and key")

func read(path string) (*Authority, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	certificateDER, rest := block(content, certificateBlock)
	keyDER, _ := block(rest, keyBlock)
	if certificateDER == nil || keyDER == nil {
		return nil, errBroken
	}
	certificate, certificateErr := x509.ParseCertificate(certificateDER)
	key, keyErr := x509.ParseECPrivateKey(keyDER)
	if err := errors.Join(certificateErr, keyErr); err != nil || !key.PublicKey.Equal(certificate.PublicKey) {
		return nil, errBroken
	}
	return &Authority{certificate: certificate, key: key}, nil
}

func block(content []byte, kind string) (der, rest []byte) {
	found, rest := pem.Decode(content)
	if found == nil || found.Type != kind {
		return nil, nil
	}
	return found.Bytes, rest
}

// write replaces the file, whole or not at all.
func (a *Authority) write(path string) error {
	key, err := x509.MarshalECPrivateKey(a.key)
	if err != nil {
		return err
	}
	var content bytes.Buffer
	for _, b := range []pem.Block{{Type: certificateBlock, Bytes: a.certificate.Raw}, {Type: keyBlock, Bytes: key}} {
		if err := pem.Encode(&content, &b); err != nil {
			return err
		}
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), ".local-ca-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(fresh.Name()) }()
	_, err = fresh.Write(content.Bytes())
	if err := errors.Join(err, fresh.Close()); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), path)
}

// Certificate is the authority's own, in DER.
func (a *Authority) Certificate() []byte { return a.certificate.Raw }

// Name is what phones call the authority in their settings.
func (a *Authority) Name() string { return a.certificate.Subject.CommonName }

// Fingerprint is the SHA-256 of a certificate in DER, as phones and browsers show it: pairs of hexadecimal digits.
func Fingerprint(certificate []byte) string {
	sum := sha256.Sum256(certificate)
	var pairs []string
	for _, b := range sum {
		pairs = append(pairs, strings.ToUpper(hex.EncodeToString([]byte{b})))
	}
	return strings.Join(pairs, ":")
}

// Pool holds the authority in a file beside those that the system trusts. Without a readable file it holds the system's
// alone.
func Pool(path string) *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil { // a system without a store of its own
		pool = x509.NewCertPool()
	}
	if a, err := read(path); err == nil {
		pool.AddCert(a.certificate)
	}
	return pool
}
