package intercept

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// parseTarget reads what a CONNECT asks for (RFC 9110, section 9.3.6): a host and a port, the port in digits.
func parseTarget(authority string) (string, error) {
	host, port, err := net.SplitHostPort(authority)
	if err != nil || host == "" || strings.ContainsAny(host, "/@ \t") {
		return "", fmt.Errorf("CONNECT %q: it takes HOST:PORT, such as api.example.com:443", authority)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return "", fmt.Errorf("CONNECT %q: the port must be a number from 1 to 65535", authority)
	}
	return net.JoinHostPort(host, strconv.FormatUint(number, 10)), nil
}
