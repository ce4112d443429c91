package intercept

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Limits of slow and of talkative clients: those of the server itself.
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// dialTimeout is how long a host may take to accept a connection, and a proxy to make one.
const dialTimeout = 30 * time.Second

// proxy is a forward proxy that answers for some hosts itself.
type proxy struct {
	hosts    []string
	handler  http.Handler
	tls      *tls.Config
	upstream upstream
	log      *slog.Logger

	front    net.Listener // speaks the protocol of proxies
	direct   net.Listener // is a host that is intercepted
	outer    *http.Server // on front
	inner    *http.Server // on the connections of intercepted hosts
	accepted *handedOver
	forward  *httputil.ReverseProxy
	outbound *http.Transport

	work sync.WaitGroup
	open connections
}

func newProxy(o Options, config *tls.Config, up upstream, front, direct net.Listener) *proxy {
	p := &proxy{
		hosts: o.Hosts, handler: o.Handler, tls: config, upstream: up, log: o.Logger, front: front, direct: direct,
		accepted: newHandedOver(front.Addr()),
	}
	errorLog := slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug)
	serve := func(handler http.Handler) *http.Server {
		return &http.Server{
			Handler: handler, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
			MaxHeaderBytes: maxHeaderBytes, ErrorLog: errorLog,
		}
	}
	p.outer, p.inner = serve(http.HandlerFunc(p.serveHTTP)), serve(o.Handler)
	p.outbound = &http.Transport{
		Proxy:       func(r *http.Request) (*url.URL, error) { return p.upstream.proxyFor(r.URL) },
		DialContext: p.dial, TLSHandshakeTimeout: dialTimeout, IdleConnTimeout: idleTimeout, DisableCompression: true,
	}
	p.forward = &httputil.ReverseProxy{
		Rewrite: keepAsSent, Transport: p.outbound, FlushInterval: -1, ErrorLog: errorLog,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) { p.refuse(w, r.URL.Host, err) },
	}
	return p
}

func (p *proxy) start() {
	p.work.Go(func() { _ = p.outer.Serve(p.front) })
	p.work.Go(func() { _ = p.inner.Serve(p.accepted) })
	p.work.Go(p.acceptDirect)
}

// close ends everything, tunnels too. It returns when nothing runs any more.
func (p *proxy) close() {
	_ = p.direct.Close()
	_ = p.outer.Close()
	_ = p.inner.Close()
	p.open.closeAll()
	p.work.Wait()
	p.outbound.CloseIdleConnections()
}

func (p *proxy) answersFor(authority string) bool { return slices.Contains(p.hosts, hostOf(authority)) }

func (p *proxy) serveHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.Host == "":
		http.Error(w, "This is a forward proxy: it takes whole URLs, such as GET http://api.example.com/", http.StatusBadRequest)
	case r.URL.Scheme != "http" && r.URL.Scheme != "https":
		http.Error(w, "This proxy forwards http and https, not "+r.URL.Scheme, http.StatusBadRequest)
	case p.answersFor(r.URL.Host):
		p.handler.ServeHTTP(w, toOrigin(r))
	default:
		p.forward.ServeHTTP(w, r)
	}
}

// toOrigin is the request as the host itself would get it.
func toOrigin(r *http.Request) *http.Request {
	origin := r.Clone(r.Context())
	origin.URL.Scheme, origin.URL.Host, origin.URL.User = "", "", nil
	origin.RequestURI = origin.URL.RequestURI()
	origin.Header.Del("Proxy-Connection")
	origin.Header.Del("Proxy-Authorization")
	return origin
}

// keepAsSent undoes what the library does to requests that it forwards, but for the headers of the one connection.
func keepAsSent(r *httputil.ProxyRequest) {
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, given := r.In.Header[name]; given {
			r.Out.Header[name] = values
		}
	}
}

// connect makes a tunnel, which for an intercepted host ends here.
func (p *proxy) connect(w http.ResponseWriter, r *http.Request) {
	target, err := parseTarget(r.RequestURI)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if p.answersFor(target) {
		if client, reader := p.established(w); client != nil {
			p.answer(client, reader)
		}
		return
	}
	server, err := p.dialTunnel(r.Context(), target)
	if err != nil {
		p.refuse(w, target, err)
		return
	}
	client, reader := p.established(w)
	if client == nil {
		_ = server.Close()
		return
	}
	p.tunnel(client, reader, server)
}

// established takes over the connection of a CONNECT and says that the tunnel stands; nil when the client has gone.
func (p *proxy) established(w http.ResponseWriter) (net.Conn, *bufio.Reader) {
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, nil
	}
	_ = client.SetDeadline(time.Time{})
	if _, err := client.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = client.Close()
		return nil, nil
	}
	return client, buffered.Reader
}

// errLoop says that a call would come back here.
var errLoop = errors.New("that is this proxy itself")

// refuse says why a host was not reached.
func (p *proxy) refuse(w http.ResponseWriter, host string, err error) {
	status := http.StatusBadGateway
	if errors.Is(err, errLoop) {
		status = http.StatusLoopDetected
	}
	p.log.Info("interception: a host was not reached", "host", host, "error", err)
	http.Error(w, fmt.Sprintf("The proxy of onetouch does not reach %s: %v", host, err), status)
}

// dial connects to a host, but never to the proxy itself, under whatever name.
func (p *proxy) dial(ctx context.Context, network, address string) (net.Conn, error) {
	connection, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if reached := connection.RemoteAddr().String(); reached == p.front.Addr().String() {
		return nil, errors.Join(errLoop, connection.Close())
	}
	return connection, nil
}
