package localca

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// ThisMachine is how other machines of the local network reach this one: the address of the network's way out first. It
// asks the network nothing.
func ThisMachine() (Machine, error) {
	addresses, err := localAddresses()
	if err != nil {
		return Machine{}, fmt.Errorf("looking for the addresses of this machine: %w", err)
	}
	hostname, _ := os.Hostname() // one without a name is reached by its addresses
	return Machine{Names: localNames(hostname), Addresses: addresses}, nil
}

// localNames are the names of a host: the one of multicast DNS, and its own when it is a full one. A name of one label is
// none to vouch for: a name constraint includes all names below it, and a host may be called dev or app.
func localNames(hostname string) []string {
	hostname = strings.ToLower(strings.TrimSuffix(hostname, "."))
	if strings.Trim(hostname, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return nil
	}
	short, domain, full := strings.Cut(hostname, ".")
	if short == "" {
		return nil
	}
	names := []string{short + ".local"}
	if full && domain != "local" {
		names = append(names, hostname)
	}
	return names
}

func localAddresses() ([]netip.Addr, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	var found []netip.Addr
	for _, one := range interfaces {
		if one.Flags&net.FlagUp == 0 || one.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := one.Addrs()
		if err != nil {
			continue // it has just gone
		}
		found = append(found, lasting(addresses)...)
	}
	if first := wayOut(); slices.Contains(found, first) {
		found = append([]netip.Addr{first}, slices.DeleteFunc(found, func(a netip.Addr) bool { return a == first })...)
	}
	return found, nil
}

// lasting keeps IPv4 addresses: those of IPv6 change by the day, or need a zone that no link can carry.
func lasting(addresses []net.Addr) []netip.Addr {
	var kept []netip.Addr
	for _, address := range addresses {
		prefix, err := netip.ParsePrefix(address.String())
		if err == nil && prefix.Addr().Is4() && prefix.Addr().IsGlobalUnicast() {
			kept = append(kept, prefix.Addr())
		}
	}
	return kept
}

// wayOut is the address that this machine would send from. Choosing it sends nothing: the target is one of documentation
// (RFC 5737).
func wayOut() netip.Addr {
	connection, err := net.Dial("udp4", "192.0.2.1:9") //nolint:noctx // no packet is sent, nothing is waited for
	if err != nil {
		return netip.Addr{}
	}
	defer func() { _ = connection.Close() }()
	local, err := netip.ParseAddrPort(connection.LocalAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return local.Addr()
}
