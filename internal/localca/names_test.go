package localca_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/localca"
)

func forNames(t *testing.T) (*localca.Authority, *tls.Config) {
	t.Helper()
	names := []string{"api.bank.example", "sandbox.bank.example"}
	a, err := localca.ForNames(names, noon())
	if err != nil {
		t.Fatal(err)
	}
	config, err := a.ServerConfig(localca.Machine{Names: names}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return a, config
}

func TestNamesOfAnAuthorityAreTrusted(t *testing.T) {
	t.Parallel()
	a, config := forNames(t)
	leaf := current(t, config)
	for name, good := range map[string]bool{
		"api.bank.example": true, "sandbox.bank.example": true,
		"bank.example": false, "www.bank.example": false, "localhost": false, "127.0.0.1": false, "::1": false,
	} {
		_, err := leaf.Verify(x509.VerifyOptions{DNSName: bracketed(name), Roots: trusting(a), CurrentTime: noon()})
		if (err == nil) != good {
			t.Errorf("%s: %v, want trusted = %t", name, err, good)
		}
	}
}

// An authority for names is put into the environment of other people's programs: it says itself what it may not do.
func TestAuthorityForNamesIsConstrained(t *testing.T) {
	t.Parallel()
	a, _ := forNames(t)
	certificate, err := x509.ParseCertificate(a.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	if !certificate.PermittedDNSDomainsCritical || len(certificate.PermittedDNSDomains) != 2 {
		t.Errorf("names are constrained to %v, critical = %t", certificate.PermittedDNSDomains,
			certificate.PermittedDNSDomainsCritical)
	}
	for _, excluded := range certificate.ExcludedIPRanges {
		if ones, _ := excluded.Mask.Size(); ones != 0 {
			t.Errorf("excludes only %s", excluded)
		}
	}
	if len(certificate.ExcludedIPRanges) != 2 || len(certificate.PermittedIPRanges) != 0 {
		t.Errorf("addresses are not excluded: %v", certificate.ExcludedIPRanges)
	}
	if life := certificate.NotAfter.Sub(noon()); life > 8*24*time.Hour {
		t.Errorf("it lives for %s", life)
	}
}
