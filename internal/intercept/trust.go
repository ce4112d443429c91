package intercept

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

const certificateBlock = "CERTIFICATE"

// systemRoots are where systems keep the certificates that they trust, one file on each.
func systemRoots() []string {
	return []string{
		"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch, Gentoo
		"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL
		"/etc/ssl/ca-bundle.pem",                            // openSUSE
		"/etc/ssl/cert.pem",                                 // Alpine, macOS, OpenBSD
		"/usr/local/share/certs/ca-root-nss.crt",            // FreeBSD
	}
}

// addTrust has programs trust the authority beside what they trust already. A variable with a file of the user's leads to
// that file's certificates and the authority.
func (s setting) addTrust(set map[string]string) error {
	written := map[string]string{} // by what was there before
	for _, variable := range []struct {
		name   string
		before []string // the variables that lead such programs to certificates, the first one set counts
	}{
		{name: "SSL_CERT_FILE", before: []string{"SSL_CERT_FILE"}}, // OpenSSL and all that use it, Go, .NET, Rust
		{name: "CURL_CA_BUNDLE", before: []string{"CURL_CA_BUNDLE", "SSL_CERT_FILE"}},
		{name: "REQUESTS_CA_BUNDLE", before: []string{"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"}},
	} {
		before := s.given.first(variable.before...)
		if written[before] == "" {
			path := filepath.Join(s.folder, fmt.Sprintf("roots-%d.pem", len(written)+1))
			if err := s.writeRoots(path, variable.name, before); err != nil {
				return err
			}
			written[before] = path
		}
		set[variable.name] = written[before]
	}
	return nil
}

// writeRoots writes what a file of the user's holds, or the system's, and the authority.
func (s setting) writeRoots(path, variable, before string) error {
	roots, err := s.trusted(before)
	if err != nil {
		return fmt.Errorf("%s names certificates that cannot be read: %w", variable, err)
	}
	return write(path, encode(append(roots, s.authority)))
}

// trusted are the certificates in a file or folder, in DER; with none given the system's.
func (s setting) trusted(path string) ([][]byte, error) {
	if path != "" {
		return readRoots(path)
	}
	for _, path := range systemRoots() {
		if roots, err := readRoots(path); err == nil && len(roots) > 0 {
			return roots, nil
		}
	}
	return mozillaRoots(), nil
}

// mozillaRoots are for systems that have no file of roots: Windows, and containers that are made of little.
func mozillaRoots() [][]byte {
	var roots [][]byte
	for root := range bundle.Roots() {
		if root.Constraint == nil { // a file cannot say what it is
			roots = append(roots, root.Certificate)
		}
	}
	return roots
}

// readRoots reads a file of certificates, or every file of a folder.
func readRoots(path string) ([][]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		content, err := os.ReadFile(path)
		return decode(content), err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var roots [][]byte
	for _, entry := range entries {
		if content, err := os.ReadFile(filepath.Join(path, entry.Name())); err == nil { // folders, dangling links
			roots = append(roots, decode(content)...)
		}
	}
	slices.SortFunc(roots, bytes.Compare)
	return slices.CompactFunc(roots, bytes.Equal), nil
}

// decode finds the certificates in a text; whatever else stands there is no matter.
func decode(content []byte) [][]byte {
	var found [][]byte
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == certificateBlock {
			found = append(found, block.Bytes)
		}
	}
	return found
}

func encode(certificates [][]byte) []byte {
	var text bytes.Buffer
	for _, der := range certificates {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: der}))
	}
	return text.Bytes()
}

// write writes a file for the command's programs.
func write(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making a folder for certificates: %w", err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("writing what programs need for the interception: %w", err)
	}
	return nil
}
