package intercept

import (
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// environment is what a command finds in its environment.
type environment map[string]string

// readEnvironment reads NAME=value; of a name that is there twice, the last one counts.
func readEnvironment(list []string) environment {
	e := environment{}
	for _, one := range list {
		name, value, _ := strings.Cut(one, "=")
		e[name] = value
	}
	return e
}

// first is the first of the variables that has a value.
func (e environment) first(names ...string) string {
	for _, name := range names {
		if e[name] != "" {
			return e[name]
		}
	}
	return ""
}

// upstream are the proxies that were set before.
func (e environment) upstream() upstream {
	all := e.first("ALL_PROXY", "all_proxy")
	settings := &httpproxy.Config{
		HTTPProxy: e.first("HTTP_PROXY", "http_proxy"), HTTPSProxy: e.first("HTTPS_PROXY", "https_proxy"),
		NoProxy: e.first("NO_PROXY", "no_proxy"),
	}
	if settings.HTTPProxy == "" {
		settings.HTTPProxy = all
	}
	if settings.HTTPSProxy == "" {
		settings.HTTPSProxy = all
	}
	return settings.ProxyFunc()
}

// noProxy is which hosts programs are to reach directly: this machine, and what the user said of others. Where that
// includes an intercepted host it is left out; the proxy itself still goes by it.
func noProxy(given string, hosts []string) []string {
	kept := []string{"localhost", "127.0.0.1", "::1"}
	for _, entry := range strings.FieldsFunc(given, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		covers := func(host string) bool { return entryCovers(entry, host) }
		if !slices.Contains(kept, entry) && !slices.ContainsFunc(hosts, covers) {
			kept = append(kept, entry)
		}
	}
	return kept
}

// entryCovers reports whether a program may take an entry of NO_PROXY for the host, in any of the ways they are read: "*",
// "authy.com", ".authy.com", "*.authy.com", each with a port or without.
func entryCovers(entry, host string) bool {
	domain := strings.TrimLeft(hostOf(entry), "*.")
	return domain == "" || domain == host || strings.HasSuffix(host, "."+domain)
}

// setting is all that the variables are made of.
type setting struct {
	given         environment
	hosts         []string
	folder        string
	authority     []byte // its certificate, in DER
	front, direct net.Addr
	log           *slog.Logger
}

// variables writes the files that programs need, and returns the variables that lead programs to them and to the proxy.
func (s setting) variables() ([]string, error) {
	proxy := (&url.URL{Scheme: "http", Host: s.front.String()}).String()
	direct := noProxy(s.given.first("NO_PROXY", "no_proxy"), s.hosts)
	set := map[string]string{"NO_PROXY": strings.Join(direct, ","), "no_proxy": strings.Join(direct, ",")}
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		set[name] = proxy
	}
	for _, add := range []func(map[string]string) error{s.addTrust, s.addNode, s.addPHP} {
		if err := add(set); err != nil {
			return nil, err
		}
	}
	if err := s.addJava(set, direct); err != nil {
		return nil, err
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		list = append(list, name+"="+set[name])
	}
	return list, nil
}

// addPHP has PHP read one more file of settings: its curl knows no variable for certificates.
func (s setting) addPHP(set map[string]string) error {
	folder := filepath.Join(s.folder, "php")
	content := fmt.Sprintf("curl.cainfo=%q\nopenssl.cafile=%q\n", slashed(set["SSL_CERT_FILE"]), slashed(set["SSL_CERT_FILE"]))
	if err := write(filepath.Join(folder, "onetouch.ini"), []byte(content)); err != nil {
		return err
	}
	// An empty folder before the first separator is the one that PHP was built with.
	set["PHP_INI_SCAN_DIR"] = s.given["PHP_INI_SCAN_DIR"] + string(filepath.ListSeparator) + folder
	return nil
}

// slashed is a path that needs no escapes between quotes.
func slashed(path string) string {
	if runtime.GOOS == "windows" {
		return filepath.ToSlash(path)
	}
	return path
}

// appended is the value of a variable that holds options, with more of them at its end.
func appended(given, options string) string { return strings.TrimSpace(given + " " + options) }
