package intercept_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/onetouchkit/onetouch/internal/intercept"
)

func TestNoProxy(t *testing.T) {
	t.Parallel()
	const own = "localhost,127.0.0.1,::1"
	for given, want := range map[string]string{
		"":                               own,
		"*":                              own,
		"db.example":                     own + ",db.example",
		"db.example, .corp.example":      own + ",db.example,.corp.example",
		"10.0.0.0/8 [fd00::1]:80":        own + ",10.0.0.0/8,[fd00::1]:80",
		"localhost,::1,db.example":       own + ",db.example",
		"api.authy.com":                  own,
		"API.AUTHY.COM:443,db.example":   own + ",db.example",
		".authy.com,authy.com,com":       own,
		"*.authy.com":                    own,
		"sandbox-api.authy.com.":         own,
		"notauthy.com,xapi.authy.com":    own + ",notauthy.com,xapi.authy.com",
		"api.authy.com.example,.example": own + ",api.authy.com.example,.example",
	} {
		if got := strings.Join(intercept.NoProxy(given, hosts()), ","); got != want {
			t.Errorf("%q: %s, want %s", given, got, want)
		}
	}
}

func TestNonProxyHosts(t *testing.T) {
	t.Parallel()
	direct := intercept.NoProxy("db.example,.corp.example,10.0.0.0/8,x.example:80,a|b", hosts())
	want := "localhost|127.*|[::1]|db.example|*.db.example|*.corp.example|x.example|*.x.example"
	if got := intercept.NonProxyHosts(direct); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestEverythingOfTheUsersStays(t *testing.T) {
	t.Parallel()
	_, own := secure(t)
	folder := t.TempDir() // of certificates
	if err := os.WriteFile(filepath.Join(folder, "own.pem"), read(t, own), 0o600); err != nil {
		t.Fatal(err)
	}
	r := intercepting(t, "SSL_CERT_FILE="+own, "REQUESTS_CA_BUNDLE="+folder, "NODE_EXTRA_CA_CERTS="+own,
		"NODE_OPTIONS=--max-old-space-size=512", "JAVA_TOOL_OPTIONS=-Xmx512m", "PHP_INI_SCAN_DIR=/etc/php.d", "NODE_USE_ENV_PROXY=0")
	for _, name := range []string{"SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
		if found := intercept.Decode(read(t, r.set[name])); len(found) != 2 || !slices.ContainsFunc(found, isDER(t, own)) {
			t.Errorf("%s has %d certificates: want the user's and the authority's", name, len(found))
		}
	}
	for name, beginning := range map[string]string{
		"NODE_OPTIONS": "--max-old-space-size=512 --require=", "JAVA_TOOL_OPTIONS": "-Xmx512m -Dhttp.proxyHost=",
		"PHP_INI_SCAN_DIR": "/etc/php.d" + string(filepath.ListSeparator),
	} {
		if !strings.HasPrefix(r.set[name], beginning) {
			t.Errorf("%s=%s", name, r.set[name])
		}
	}
	if value, set := r.set["NODE_USE_ENV_PROXY"]; set {
		t.Errorf("NODE_USE_ENV_PROXY=%s, in spite of the user", value)
	}
}

func isDER(t *testing.T, path string) func([]byte) bool {
	t.Helper()
	own := intercept.Decode(read(t, path))[0]
	return func(der []byte) bool { return slices.Equal(der, own) }
}

// A user without certificates of their own keeps those of the system: other hosts are reached as before.
func TestRootsOfTheSystemStay(t *testing.T) {
	t.Parallel()
	r := intercepting(t)
	roots := intercept.Decode(read(t, r.set["SSL_CERT_FILE"]))
	if len(roots) < 50 {
		t.Errorf("only %d certificates", len(roots))
	}
	last, err := x509.ParseCertificate(roots[len(roots)-1])
	if err != nil || !slices.Equal(last.PermittedDNSDomains, hosts()) {
		t.Errorf("the authority is not the last one: %v", err)
	}
	if a, b := r.set["SSL_CERT_FILE"], r.set["REQUESTS_CA_BUNDLE"]; a != b {
		t.Errorf("the same certificates stand in %s and %s", a, b)
	}
}

func TestTrustStoreForJava(t *testing.T) {
	t.Parallel()
	_, own := secure(t)
	folder := t.TempDir()
	interceptingIn(t, folder, "SSL_CERT_FILE="+own)
	found, err := pkcs12.DecodeTrustStore(read(t, filepath.Join(folder, "roots.p12")), "changeit")
	if err != nil || len(found) != 2 {
		t.Fatalf("%d certificates, %v", len(found), err)
	}
	theirs := "-Djavax.net.ssl.trustStore=/etc/theirs.jks"
	if r := intercepting(t, "JAVA_TOOL_OPTIONS="+theirs); strings.Count(r.set["JAVA_TOOL_OPTIONS"], "trustStore=") != 1 {
		t.Errorf("a trust store of the user's is overruled: %s", r.set["JAVA_TOOL_OPTIONS"])
	}
}

func FuzzNoProxy(f *testing.F) {
	for _, seed := range []string{"", "*", "a,b c", "[::1]:80,10.0.0.0/8", ".authy.com:443", "*.*", "::", ",, ,", "com."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		direct := intercept.NoProxy(given, hosts())
		for _, entry := range direct[3:] {
			domain := strings.ToLower(strings.Trim(entry, "*."))
			if strings.ContainsAny(entry, ", \t") || slices.Contains([]string{"", "com", "authy.com", "api.authy.com"}, domain) {
				t.Errorf("%q keeps %q", given, entry)
			}
		}
		if patterns := intercept.NonProxyHosts(direct); strings.ContainsAny(patterns, " \t\"',") {
			t.Errorf("%q becomes %q, which Java would cut", given, patterns)
		}
	})
}

func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{"api.authy.com:443", "[::1]:1", ":1", "a:0", "a:65536", "a b:1", "[::1", "a:+1", "a:1:2", "a/b:3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authority string) {
		target, err := intercept.ParseTarget(authority)
		if err != nil {
			return
		}
		again, err := intercept.ParseTarget(target)
		if err != nil || again != target {
			t.Errorf("%q is %q, which is %q, %v", authority, target, again, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("# a comment\n-----BEGIN X-----\n-----END X-----\n-----BEGIN CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if found := intercept.Decode(content); len(found) > len(content) {
			t.Errorf("%d certificates in %d bytes", len(found), len(content))
		}
	})
}
