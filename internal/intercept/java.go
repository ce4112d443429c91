package intercept

import (
	"crypto/x509"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// trustStorePassword is the one that everybody uses: certificates are no secret.
const trustStorePassword = "changeit"

// addJava has Java's machines start with a proxy and a trust store. A trust store of the user's stays, since Java takes one
// only: whoever has one is told.
func (s setting) addJava(set map[string]string, direct []string) error {
	const variable = "JAVA_TOOL_OPTIONS"
	host, port, err := net.SplitHostPort(s.front.String())
	if err != nil {
		return err
	}
	options := []string{
		"-Dhttp.proxyHost=" + host, "-Dhttp.proxyPort=" + port, "-Dhttps.proxyHost=" + host, "-Dhttps.proxyPort=" + port,
		"-Dhttp.nonProxyHosts=" + nonProxyHosts(direct),
	}
	if strings.Contains(s.given[variable], "-Djavax.net.ssl.trustStore=") {
		s.log.Warn("interception: " + variable + " names a trust store, which stays: Java will not trust the certificates of " +
			strings.Join(s.hosts, " and "))
	} else {
		path := filepath.Join(s.folder, "roots.p12")
		if err := s.writeTrustStore(path); err != nil {
			return err
		}
		options = append(options, `"-Djavax.net.ssl.trustStore=`+slashed(path)+`"`, "-Djavax.net.ssl.trustStoreType=PKCS12",
			"-Djavax.net.ssl.trustStorePassword="+trustStorePassword)
	}
	set[variable] = appended(s.given[variable], strings.Join(options, " "))
	return nil
}

// nonProxyHosts is NO_PROXY as Java writes it: patterns with a star, no addresses with a mask.
func nonProxyHosts(direct []string) string {
	patterns := []string{"localhost", "127.*", "[::1]"}
	for _, entry := range direct[3:] {
		host := hostOf(entry)
		domain := strings.TrimLeft(host, "*.")
		if domain == "" || strings.Trim(domain, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
			continue
		}
		if domain == host {
			patterns = append(patterns, host)
		}
		patterns = append(patterns, "*."+domain)
	}
	return strings.Join(patterns, "|")
}

// writeTrustStore writes a store that every Java from 8 on reads.
func (s setting) writeTrustStore(path string) error {
	roots, err := s.trusted(s.given["SSL_CERT_FILE"])
	if err != nil {
		return err
	}
	var entries []pkcs12.TrustStoreEntry
	for _, der := range append(roots, s.authority) {
		if certificate, err := x509.ParseCertificate(der); err == nil { // what Go cannot read, Java does without
			name := fmt.Sprintf("root-%d", len(entries)+1)
			entries = append(entries, pkcs12.TrustStoreEntry{Cert: certificate, FriendlyName: name})
		}
	}
	store, err := pkcs12.LegacyDES.EncodeTrustStoreEntries(entries, trustStorePassword)
	if err != nil {
		return fmt.Errorf("making a trust store for Java: %w", err)
	}
	return write(path, store)
}
