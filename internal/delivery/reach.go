package delivery

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// Reach says where deliveries may go, beside what holds for every server that others can reach (see [Worker.ListensOn]):
// nothing goes to addresses of the link, where clouds tell secrets, nor back to the server itself; and what others than the
// operator have named, push URLs and those of webhooks, does not lead to the server's own machine.
//
// It is asked about the address that is connected to, so that neither a name that changes its address nor a redirect gets
// round it.
type Reach struct {
	only, never []destination
}

// destination is a network or a host name; one that begins with *. is every name below.
type destination struct {
	network netip.Prefix
	name    string
}

// anyDestination is the word for every address.
const anyDestination = "any"

// NewReach reads lists that are joined by commas, of networks (10.0.0.0/8), addresses, host names (ci.example.com,
// *.example.com) and the word any. Nothing goes where never says. Where only is not empty, deliveries go nowhere else, and
// there even where they would not go by themselves.
func NewReach(only, never string) (r Reach, err error) {
	for _, list := range []struct {
		text string
		into *[]destination
	}{{only, &r.only}, {never, &r.never}} {
		for part := range strings.SplitSeq(list.text, ",") {
			if part = strings.TrimSpace(part); part == "" {
				continue
			}
			d, err := destinationOf(part)
			if err != nil {
				return Reach{}, err
			}
			*list.into = append(*list.into, d...)
		}
	}
	return r, nil
}

func destinationOf(text string) ([]destination, error) {
	if text == anyDestination {
		return []destination{{network: netip.PrefixFrom(netip.IPv4Unspecified(), 0)},
			{network: netip.PrefixFrom(netip.IPv6Unspecified(), 0)}}, nil
	}
	if strings.Contains(text, "/") {
		network, err := netip.ParsePrefix(text)
		if err != nil || network.Addr().Is4In6() {
			return nil, fmt.Errorf("%q is no network, such as 10.0.0.0/8 or fd00::/8", text)
		}
		return []destination{{network: network.Masked()}}, nil
	}
	if address, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		address = address.Unmap().WithZone("")
		return []destination{{network: netip.PrefixFrom(address, address.BitLen())}}, nil
	}
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	if !isName(strings.TrimPrefix(name, "*.")) {
		return nil, fmt.Errorf("%q is no network, address or host name, such as 10.0.0.0/8, 10.1.2.3 or ci.example.com", text)
	}
	return []destination{{name: name}}, nil
}

// isName takes what can be a host name. What only looks like an address is none: nobody would find out that it never matches.
func isName(text string) bool {
	labels := strings.Split(text, ".")
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return false
	}
	for _, label := range labels {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// isEmpty reports whether nobody has said anything of where deliveries may go.
func (r Reach) isEmpty() bool { return len(r.only) == 0 && len(r.never) == 0 }

func (d destination) isNamed(host string) bool {
	below, wild := strings.CutPrefix(d.name, "*")
	return d.name != "" && (d.name == host || wild && strings.HasSuffix(host, below))
}

func (d destination) has(host string, address netip.Addr) bool {
	return d.isNamed(host) || d.network.IsValid() && address.IsValid() && d.network.Contains(address)
}

// judge says why nothing may be sent to a host at an address; "" when it may. shared is set on a server that others can reach,
// foreign for a URL that others than the operator have named. An address that is not valid is not known.
func (r Reach) judge(host string, address netip.Addr, shared, foreign bool) string {
	listed := func(list []destination) bool {
		return slices.ContainsFunc(list, func(d destination) bool { return d.has(host, address) })
	}
	byAddress := slices.ContainsFunc(r.only, func(d destination) bool { return d.has("", address) })
	switch named := listed(r.only); {
	case listed(r.never):
		return "which --no-deliver-to names"
	case len(r.only) > 0 && !named:
		return "which is not where --deliver-to lets it"
	case !shared || byAddress || !address.IsValid():
		return ""
	case isOfTheLink(address):
		return "which is an address of the link, where clouds tell secrets: --deliver-to lets it"
	case foreign && !named && (address.IsLoopback() || address.IsUnspecified()):
		return "which is the server's own machine: --deliver-to lets it"
	default:
		return ""
	}
}

// isOfTheLink reports whether an address is for the machine's surroundings alone: of a cloud's metadata, or of no one host.
// Beside the addresses of the link these are those of AWS over IPv6, of Alibaba, Oracle and Azure.
func isOfTheLink(address netip.Addr) bool {
	switch address.String() {
	case "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "255.255.255.255":
		return true
	default:
		return address.IsLinkLocalUnicast() || address.IsMulticast()
	}
}

// refusedError says that nothing may be sent to a destination.
type refusedError struct{ to, why string }

func (e *refusedError) Error() string {
	return "not sent: this server does not deliver to " + e.to + ", " + e.why
}

// errand is what the connections of an attempt have to know of it.
type errand struct {
	worker  *Worker
	host    string // of the URL
	foreign bool   // others than the operator have named it
	proxied bool   // a proxy is connected to, which the operator has named, and not the receiver
}

// errandKey is the key of an errand in the context of its request.
type errandKey struct{}

// judge refuses an address and port. Those that are not known yet are looked at when they are.
func (e errand) judge(address netip.AddrPort) error {
	ip := address.Addr().Unmap().WithZone("")
	own := e.worker.own.Load()
	shared := own != nil && !own.IP.IsLoopback()
	why := e.worker.Reach.judge(e.host, ip, shared, e.foreign)
	if why == "" && shared && int(address.Port()) == own.Port && isOwn(ip, own) {
		why = "which is this server itself: the URL must be that of the backend"
	}
	if why == "" {
		return nil
	}
	to := e.host
	if ip.IsValid() {
		to = ip.String()
	}
	return &refusedError{to: to, why: why}
}

// isOwn reports whether an address leads to this machine, as far as the listener is concerned.
func isOwn(ip netip.Addr, own *net.TCPAddr) bool {
	if ip.IsLoopback() || ip.IsUnspecified() || own.IP.Equal(ip.AsSlice()) {
		return true
	}
	addresses, err := net.InterfaceAddrs()
	return err == nil && slices.ContainsFunc(addresses, func(a net.Addr) bool {
		network, is := a.(*net.IPNet)
		return is && network.IP.Equal(ip.AsSlice())
	})
}

// control is asked by the dialler when it knows the address, and before it connects.
func control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	e, is := ctx.Value(errandKey{}).(errand)
	if !is || e.proxied {
		return nil
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", address, err)
	}
	return e.judge(to)
}

// errandOf checks what can be told from the URL alone: of what goes through a proxy there is no more to be known.
func (w *Worker) errandOf(r *http.Request, d onetouch.Delivery) (errand, error) {
	e := errand{
		worker: w, host: strings.ToLower(strings.TrimSuffix(r.URL.Hostname(), ".")), foreign: d.Kind.NamedByOthers(),
	}
	proxy, err := w.transport.Proxy(r)
	e.proxied = err == nil && proxy != nil
	literal, err := netip.ParseAddr(e.host)
	if !e.proxied || err != nil && w.Reach.isEmpty() {
		return e, nil
	}
	return e, e.judge(netip.AddrPortFrom(literal, portOf(r.URL)))
}

func portOf(u *url.URL) uint16 {
	address, err := netip.ParseAddrPort("0.0.0.0:" + u.Port())
	if err != nil {
		return map[string]uint16{"http": 80, "https": 443}[u.Scheme]
	}
	return address.Port()
}
