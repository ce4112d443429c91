package server

import (
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// AuthyHosts are Authy's own names. Calls for them arrive through a forward proxy, from clients whose base URL cannot be
// changed. No web page can have one of these names.
func AuthyHosts() []string { return []string{"api.authy.com", "sandbox-api.authy.com"} }

// limits refuses calls under a host name that is not the server's own. Addresses are always its own: only a name can be
// rebound.
func (s *Server) limits(next http.Handler) http.Handler {
	served := append(AuthyHosts(), "verify.twilio.com", "localhost", "")
	if name, err := os.Hostname(); err == nil {
		served = append(served, strings.ToLower(name))
	}
	for _, host := range s.options.Hosts {
		served = append(served, strings.ToLower(host))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host := hostName(r.Host); !isAddress(host) && !isLocalName(host) && !slices.Contains(served, host) {
			s.families.Refuse(w, r, problem.New(problem.CodeHostNotServed, "This server is not known as "+host))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(strings.TrimSuffix(host, "."), "[]"))
}

// isLocalName reports whether a name is below localhost, which belongs to nobody and leads to this machine alone (RFC 6761).
// Under each of them a browser can be another phone.
func isLocalName(host string) bool { return strings.HasSuffix(host, ".localhost") }

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
