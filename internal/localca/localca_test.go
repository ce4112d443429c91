package localca_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/localca"
)

func noon() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) }

func laptop() localca.Machine {
	return localca.Machine{Names: []string{"laptop.local"}, Addresses: []netip.Addr{netip.MustParseAddr("192.168.7.20")}}
}

func ensure(t *testing.T, path string, m localca.Machine, now time.Time) (*localca.Authority, bool) {
	t.Helper()
	a, fresh, err := localca.Ensure(path, m, now)
	if err != nil {
		t.Fatal(err)
	}
	return a, fresh
}

// shown is the certificate that a server of the machine shows.
func shown(t *testing.T, a *localca.Authority, m localca.Machine, now time.Time) *x509.Certificate {
	t.Helper()
	config, err := a.ServerConfig(m, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	return current(t, config)
}

func current(t *testing.T, config *tls.Config) *x509.Certificate {
	t.Helper()
	pair, err := config.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func trusting(a *localca.Authority) *x509.CertPool {
	pool := x509.NewCertPool()
	certificate, err := x509.ParseCertificate(a.Certificate())
	if err == nil {
		pool.AddCert(certificate)
	}
	return pool
}

func TestServersOfTheMachineAreTrusted(t *testing.T) {
	t.Parallel()
	a, fresh := ensure(t, filepath.Join(t.TempDir(), "ca.pem"), laptop(), noon())
	if !fresh {
		t.Error("the first authority is said to have been there")
	}
	leaf := shown(t, a, laptop(), noon())
	for name, good := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "::1": true, "laptop.local": true, "192.168.7.20": true,
		"192.168.7.21": false, "desktop.local": false, "bank.example": false,
	} {
		_, err := leaf.Verify(x509.VerifyOptions{DNSName: bracketed(name), Roots: trusting(a), CurrentTime: noon()})
		if (err == nil) != good {
			t.Errorf("%s: %v, want trusted = %t", name, err, good)
		}
	}
	if life := leaf.NotAfter.Sub(noon()); life > 8*24*time.Hour {
		t.Errorf("a certificate of a server lives for %s", life)
	}
}

func bracketed(name string) string {
	if strings.Contains(name, ":") {
		return "[" + name + "]"
	}
	return name
}

// Whoever steals the key cannot be another machine with it.
func TestStolenKeyIsNoUseElsewhere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	a, _ := ensure(t, path, laptop(), noon())
	for name, forged := range map[string]*x509.Certificate{
		"another name":          {DNSNames: []string{"bank.example"}},
		"a name that begins so": {DNSNames: []string{"laptop.local.bank.example"}},
		"another .local":        {DNSNames: []string{"desktop.local"}},
		"another address":       {IPAddresses: []net.IP{net.IPv4(192, 168, 7, 21)}},
		"an address of IPv6":    {IPAddresses: []net.IP{net.ParseIP("fd00::1")}},
		"one good, one bad":     {DNSNames: []string{"laptop.local", "bank.example"}},
	} {
		leaf := forge(t, path, forged)
		usages := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: trusting(a), CurrentTime: noon(), KeyUsages: usages}); err == nil {
			t.Errorf("%s: a forged certificate is trusted", name)
		}
	}
	good := forge(t, path, &x509.Certificate{DNSNames: []string{"laptop.local"}})
	if _, err := good.Verify(x509.VerifyOptions{Roots: trusting(a), CurrentTime: noon()}); err != nil {
		t.Errorf("the forger is no good: %v", err)
	}
	client := []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	clients := forge(t, path, &x509.Certificate{DNSNames: []string{"laptop.local"}, ExtKeyUsage: client})
	if _, err := clients.Verify(x509.VerifyOptions{Roots: trusting(a), CurrentTime: noon(), KeyUsages: client}); err == nil {
		t.Error("the authority vouches for clients")
	}
}

// forge signs with the key in the file.
func forge(t *testing.T, path string, template *x509.Certificate) *x509.Certificate {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, rest := pem.Decode(content)
	second, _ := pem.Decode(rest)
	authority, err := x509.ParseCertificate(first.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.ParseECPrivateKey(second.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), noon(), noon().Add(time.Hour)
	if template.ExtKeyUsage == nil {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, authority, leafKey.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

// A phone that trusts an authority keeps on trusting the workspace, as long as that is possible.
func TestAuthorityStays(t *testing.T) {
	t.Parallel()
	moved := laptop()
	moved.Addresses = []netip.Addr{netip.MustParseAddr("10.1.2.3")}
	more := laptop()
	more.Addresses = append(more.Addresses, netip.MustParseAddr("10.8.0.2"))
	for name, test := range map[string]struct {
		machine localca.Machine
		after   time.Duration
		fresh   bool
	}{
		"at the next start":       {machine: laptop(), after: time.Hour},
		"after ten months":        {machine: laptop(), after: 300 * 24 * time.Hour},
		"when it is about to end": {machine: laptop(), after: 340 * 24 * time.Hour, fresh: true},
		"in another network":      {machine: moved, fresh: true},
		"with a VPN":              {machine: more},
		"under another name":      {machine: localca.Machine{Names: []string{"desktop.local"}}, fresh: true},
		"without a network":       {machine: localca.Machine{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "ca.pem")
			before, _ := ensure(t, path, laptop(), noon())
			after, fresh := ensure(t, path, test.machine, noon().Add(test.after))
			same := slices.Equal(before.Certificate(), after.Certificate())
			if fresh != test.fresh || same == fresh {
				t.Errorf("fresh = %t, the same certificate = %t, want fresh = %t", fresh, same, test.fresh)
			}
			now := noon().Add(test.after)
			leaf := shown(t, after, test.machine, now)
			_, err := leaf.Verify(x509.VerifyOptions{DNSName: "localhost", Roots: trusting(after), CurrentTime: now})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFileIsTheUsersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(path, []byte("no certificate"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, fresh := ensure(t, path, laptop(), noon()); !fresh {
		t.Error("a broken file is not replaced")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %o", info.Mode().Perm())
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	if _, _, err := localca.Ensure(filepath.Join(dir, "none", "ca.pem"), laptop(), noon()); err == nil {
		t.Error("a folder that is not there is no error")
	}
}

func TestServerCertificateIsRenewedInTime(t *testing.T) {
	t.Parallel()
	a, _ := ensure(t, filepath.Join(t.TempDir(), "ca.pem"), laptop(), noon())
	now := noon()
	config, err := a.ServerConfig(laptop(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	first := current(t, config)
	now = now.Add(24 * time.Hour)
	if again := current(t, config); !again.Equal(first) {
		t.Error("there is another certificate after a day")
	}
	now = now.Add(5 * 24 * time.Hour)
	if later := current(t, config); later.Equal(first) || !later.NotAfter.After(first.NotAfter) {
		t.Error("there is no new certificate before the first one ends")
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	const ofNothing = "E3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B:78:52:B8:55"
	if got := localca.Fingerprint(nil); got != ofNothing {
		t.Errorf("fingerprint = %s", got)
	}
}

// A constraint to a name includes those below it, so a machine called dev must not be vouched for as dev.
func TestLocalNames(t *testing.T) {
	t.Parallel()
	for hostname, want := range map[string][]string{
		"laptop": {"laptop.local"}, "Laptop.": {"laptop.local"}, "laptop.local": {"laptop.local"},
		"dev": {"dev.local"}, "laptop.fritz.box": {"laptop.local", "laptop.fritz.box"},
		"": nil, "my_laptop": nil, "büro": nil, ".x": nil,
	} {
		if got := localca.LocalNames(hostname); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", hostname, got, want)
		}
	}
}

func TestThisMachine(t *testing.T) {
	t.Parallel()
	m, err := localca.ThisMachine()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range m.Addresses {
		if !address.Is4() || address.IsLoopback() {
			t.Errorf("%s is no address for others", address)
		}
	}
	if _, fresh := ensure(t, filepath.Join(t.TempDir(), "ca.pem"), m, noon()); !fresh {
		t.Error("there is an authority already")
	}
}

func TestPool(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	before := localca.Pool(path)
	a, _ := ensure(t, path, laptop(), noon())
	leaf := shown(t, a, laptop(), noon())
	for _, test := range []struct {
		pool *x509.CertPool
		good bool
	}{{before, false}, {localca.Pool(path), true}} {
		_, err := leaf.Verify(x509.VerifyOptions{DNSName: "localhost", Roots: test.pool, CurrentTime: noon()})
		if (err == nil) != test.good {
			t.Errorf("verifying says %v, want good = %t", err, test.good)
		}
	}
}
