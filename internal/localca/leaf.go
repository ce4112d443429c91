package localca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// ranges are the addresses as name constraints: each for itself.
func (m Machine) ranges() []*net.IPNet {
	var ranges []*net.IPNet
	for _, address := range m.Addresses {
		bits := address.BitLen()
		ranges = append(ranges, &net.IPNet{IP: address.AsSlice(), Mask: net.CIDRMask(bits, bits)})
	}
	return ranges
}

// covers reports whether the authority may vouch for all of a machine.
func (a *Authority) covers(m Machine) bool {
	m = m.complete()
	permitted := a.Permitted(m)
	return len(permitted.Names) == len(m.Names) && len(permitted.Addresses) == len(m.Addresses)
}

// Permitted is the part of a machine that the authority may vouch for.
func (a *Authority) Permitted(m Machine) Machine {
	var permitted Machine
	for _, name := range m.Names {
		if slices.Contains(a.certificate.PermittedDNSDomains, name) {
			permitted.Names = append(permitted.Names, name)
		}
	}
	for _, address := range m.Addresses {
		if slices.ContainsFunc(a.certificate.PermittedIPRanges, func(r *net.IPNet) bool { return r.Contains(address.AsSlice()) }) {
			permitted.Addresses = append(permitted.Addresses, address)
		}
	}
	return permitted
}

// issue makes a certificate for the machine, with a key that is never written anywhere.
func (a *Authority) issue(m Machine, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: subject(m.label()),
		NotBefore: now.Add(-clockSkew), NotAfter: now.Add(leafLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, DNSNames: m.Names,
	}
	for _, address := range m.Addresses {
		template.IPAddresses = append(template.IPAddresses, address.AsSlice())
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: key}, nil
}

// ServerConfig has a server show short-lived certificates for what of the machine the authority may vouch for. A new one
// takes the place of one that has lived half its life.
func (a *Authority) ServerConfig(m Machine, now func() time.Time) (*tls.Config, error) {
	l := &leaf{authority: a, machine: a.Permitted(m.complete()), now: now}
	if _, err := l.current(); err != nil { // rather at the start than at the first connection
		return nil, fmt.Errorf("making a certificate for this machine: %w", err)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"}, // deadlines of event streams are those of connections
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return l.current()
		},
	}, nil
}

// leaf is the certificate that is shown now.
type leaf struct {
	authority *Authority
	machine   Machine
	now       func() time.Time

	mu      sync.Mutex
	shown   *tls.Certificate
	renewAt time.Time
}

func (l *leaf) current() (*tls.Certificate, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.shown != nil && now.Before(l.renewAt) {
		return l.shown, nil
	}
	issued, err := l.authority.issue(l.machine, now)
	if err != nil {
		return nil, err
	}
	l.shown, l.renewAt = issued, now.Add(leafLife/2)
	return issued, nil
}
