package cli

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/localca"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/phonepage"
)

// addrOf is where to listen: everywhere, when the local network is served.
func addrOf(settings config.Settings) string {
	_, port, err := net.SplitHostPort(settings.Addr)
	if !settings.LAN || err != nil {
		return settings.Addr // a wrong one is refused where it is listened on
	}
	return net.JoinHostPort("", port)
}

// open says how far the server is open to others: to the local network or to this machine, over HTTPS or not.
func (o *serveOptions) open(
	options *server.Options, settings config.Settings, workspace config.Workspace, addr net.Addr,
) error {
	if settings.Deterministic != "" {
		options.Logger.Warn("identifiers, tokens and codes can be told beforehand (--deterministic): let nobody else use " +
			"this server")
	}
	port := portOf(addr)
	options.PhonePage.URLs = []string{"http://localhost:" + port}
	machine, err := localca.ThisMachine()
	if err != nil {
		return err
	}
	if settings.LAN {
		options.Hosts = append(options.Hosts, machine.Names...)
		options.LocalControl = true
	} else {
		machine = localca.Machine{Names: machine.Names}
	}
	scheme := "http"
	if settings.TLS {
		if machine, err = o.secure(options, settings, workspace, machine, port); err != nil {
			return err
		}
		scheme = "https"
	}
	options.PhonePage.URLs = append(urlsOf(scheme, machine.Addresses, port), options.PhonePage.URLs...)
	if settings.LAN {
		o.warnOfNetwork(options, settings, machine.Addresses, port)
	}
	return nil
}

// secure has the server answer HTTPS. It returns the part of the machine that its certificate is for.
func (o *serveOptions) secure(
	options *server.Options, settings config.Settings, workspace config.Workspace, machine localca.Machine, port string,
) (covered localca.Machine, err error) {
	authority, fresh, err := localca.Ensure(workspace.CertificateAuthority(), machine, time.Now())
	if err != nil {
		return covered, err
	}
	if options.TLS, err = authority.ServerConfig(machine, time.Now); err != nil {
		return covered, err
	}
	covered = authority.Permitted(machine)
	host := "localhost"
	if len(covered.Addresses) > 0 {
		host = covered.Addresses[0].String()
	}
	options.PhonePage.Fingerprint = localca.Fingerprint(authority.Certificate())
	options.PhonePage.TrustURL = "http://" + net.JoinHostPort(host, port) + phonepage.Prefix + "/trust"
	options.PhonePageOptions = phonepage.Options{
		SecureURL: "https://" + net.JoinHostPort(host, port), Authority: authority.Certificate(),
		AuthorityName: authority.Name(), Fingerprint: options.PhonePage.Fingerprint,
	}
	if fresh {
		o.tell(options, settings, "A new certificate authority vouches for this machine: a phone has to trust it once, see "+
			options.PhonePage.TrustURL)
	}
	return covered, nil
}

func urlsOf(scheme string, addresses []netip.Addr, port string) []string {
	var urls []string
	for _, address := range addresses {
		urls = append(urls, scheme+"://"+net.JoinHostPort(address.String(), port))
	}
	return urls
}

// tell says something beside the log or, for a program that reads that, in it.
func (o *serveOptions) tell(options *server.Options, settings config.Settings, text string) {
	if strings.EqualFold(settings.LogFormat, "json") {
		options.Logger.Warn(text)
		return
	}
	say(o.streams, "%s", text)
}

func (o *serveOptions) warnOfNetwork(
	options *server.Options, settings config.Settings, addresses []netip.Addr, port string,
) {
	where := "port " + port
	if len(addresses) > 0 {
		where = net.JoinHostPort(addresses[0].String(), port)
	}
	o.tell(options, settings, fmt.Sprintf(
		"Warning: everybody in your networks can reach this server (%s); only this machine can operate it.", where))
}

func portOf(addr net.Addr) string {
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return ""
	}
	return port
}

// addPhonePage says how phones reach the server, when more of them do than browsers on this machine.
func addPhonePage(record *output.Record, page controlapi.PhonePage) {
	if len(page.URLs) > 1 || page.TrustURL != "" {
		record.Add("Phone page", page.URLs[0]+phonepage.Prefix+"/ ('onetouch device pair' makes a link)")
	}
	if page.TrustURL != "" {
		record.Add("Trust", page.TrustURL)
		record.Add("Fingerprint", page.Fingerprint)
	}
}

// trustingClient trusts the certificate authority of the workspace beside those of the system.
func trustingClient(workspace config.Workspace) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: localca.Pool(workspace.CertificateAuthority()),
	}
	return &http.Client{Transport: transport}
}
