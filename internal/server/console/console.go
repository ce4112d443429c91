// Package console serves the page that shows the operator in a browser what the server does. The page is a client of the
// control API as any other; the server trusts it no more.
package console

import (
	"embed"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/webpage"
)

// Prefix is the base path of the page. A link to it has the control token behind the #, which no browser sends to a server.
const Prefix = "/console"

//go:embed page
var files embed.FS

// Page is what is served. Its pictures are its own, and diagrams that it has got as text.
func Page() webpage.Page { return webpage.Page{Prefix: Prefix, Policy: "img-src 'self' blob:"} }

// Family is the page with its parts, for browsers on the server's own machine.
func Family() (route.Family, error) {
	routes, err := Page().Routes(files, "page", nil)
	return route.Family{
		Prefix: Prefix, Routes: routes, Refuse: refuse, Guards: map[route.Access]route.Guard{route.Public: guard},
	}, err
}

// guard lets in who calls from this machine, and knows it by a name that only this machine has: a web page that reaches the
// server under a name of its own, or somebody far away through a tunnel, gets nothing.
func guard(r *http.Request) (*http.Request, error) {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !remote.Addr().Unmap().IsLoopback() || !isLoopback(r.Host) {
		return nil, problem.New(problem.CodeNotAuthorised, "The console is for browsers on the server's own machine: "+
			"'onetouch console' prints the link there.")
	}
	return r, nil
}

func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}

// refuse answers in words, since it is a person who reads it.
func refuse(w http.ResponseWriter, _ *http.Request, err error) {
	p := problem.Of(err)
	for name, value := range Page().Headers() {
		w.Header().Set(name, value)
	}
	http.Error(w, p.Message, p.Status)
}
