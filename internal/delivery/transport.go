package delivery

import (
	"net"
	"net/http"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const (
	// Receivers close idle connections too: Node.js after 5 s. A request that meets the closing fails, so ours are closed
	// before.
	idleTimeout      = 4 * time.Second
	maxAnswerHeaders = 64 << 10
	// dialTimeout ends what a connection that nobody waits for any more would go on for.
	dialTimeout = 30 * time.Second
)

// newTransport returns the connections of one worker. It is used without an [http.Client], which would follow redirects:
// the callback would be signed for one URL and received at another, and a POST could become a GET.
//
// A proxy is used where HTTP_PROXY, HTTPS_PROXY and NO_PROXY say so, as other programs do, because a backend on the
// internet may be reachable in no other way; localhost and loopback addresses are always reached directly.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: dialTimeout, ControlContext: control}).DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           mostInFlight,
		MaxIdleConnsPerHost:    onetouch.MostDeliveryConcurrency,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxAnswerHeaders,
		DisableCompression:     true, // an answer is shown to a developer as it came
	}
}
