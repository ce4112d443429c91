package intercept

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	socks "golang.org/x/net/proxy"
)

// upstream says which proxy the user has set for a URL: nil for none.
type upstream func(*url.URL) (*url.URL, error)

func (u upstream) proxyFor(target *url.URL) (*url.URL, error) {
	proxy, err := u(target)
	if err != nil {
		return nil, fmt.Errorf("reading the setting of the proxy that was there before: %w", err)
	}
	return proxy, nil
}

// dialTunnel connects to "host:port" as it would be done without this proxy: through the user's own, when one is set.
func (p *proxy) dialTunnel(ctx context.Context, target string) (net.Conn, error) {
	via, err := p.upstream.proxyFor(&url.URL{Scheme: "https", Host: target})
	if err != nil {
		return nil, err
	}
	if via == nil {
		return p.dial(ctx, "tcp", target)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	connection, err := p.dialVia(ctx, via, target)
	if err != nil {
		return nil, fmt.Errorf("through the proxy %s: %w", via.Redacted(), err)
	}
	return connection, nil
}

func (p *proxy) dialVia(ctx context.Context, via *url.URL, target string) (net.Conn, error) {
	ports := map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}
	port, known := ports[via.Scheme]
	if !known {
		return nil, fmt.Errorf("its scheme %q is not known: http, https, socks5 or socks5h", via.Scheme)
	}
	if via.Port() != "" {
		port = via.Port()
	}
	connection, err := p.dial(ctx, "tcp", net.JoinHostPort(via.Hostname(), port))
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = connection.SetDeadline(time.Unix(1, 0)) }) // long over: ends the wait
	tunnel, err := extend(ctx, connection, via, target)
	if err == nil && !stop() {
		err = ctx.Err()
	}
	if err != nil {
		_ = connection.Close()
		return nil, err
	}
	return tunnel, nil
}

// extend has the proxy at the other end of a connection connect it to the target.
func extend(ctx context.Context, connection net.Conn, via *url.URL, target string) (net.Conn, error) {
	switch via.Scheme {
	case "socks5", "socks5h":
		return extendSOCKS(ctx, connection, via, target)
	case "https":
		secure := tls.Client(connection, &tls.Config{ServerName: via.Hostname(), MinVersion: tls.VersionTLS12})
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		connection = secure
	}
	return extendHTTP(ctx, connection, via, target)
}

func extendHTTP(ctx context.Context, connection net.Conn, via *url.URL, target string) (net.Conn, error) {
	request := (&http.Request{
		Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target, Header: http.Header{},
	}).WithContext(ctx)
	if via.User != nil {
		password, _ := via.User.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(via.User.Username() + ":" + password))
		request.Header.Set("Proxy-Authorization", "Basic "+credentials)
	}
	if err := request.Write(connection); err != nil {
		return nil, err
	}
	reader := bufio.NewReader(connection)
	response, err := http.ReadResponse(reader, request) //nolint:bodyclose // what follows is the tunnel
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it answers %s", response.Status)
	}
	return halfClosing{&begunConnection{Conn: connection, reader: reader}}, nil
}

// halfClosing is a begun connection that can say that nothing more comes.
type halfClosing struct{ *begunConnection }

// CloseWrite says that nothing more comes.
func (c halfClosing) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return net.ErrClosed
	}
	return half.CloseWrite()
}

func extendSOCKS(ctx context.Context, connection net.Conn, via *url.URL, target string) (net.Conn, error) {
	var auth *socks.Auth
	if via.User != nil {
		password, _ := via.User.Password()
		auth = &socks.Auth{User: via.User.Username(), Password: password}
	}
	dialer, err := socks.SOCKS5("tcp", via.Host, auth, dialled{connection})
	if err != nil {
		return nil, err
	}
	if _, err := dialer.(socks.ContextDialer).DialContext(ctx, "tcp", target); err != nil {
		return nil, err
	}
	return connection, nil // the library's wrapper cannot close one way
}

// dialled is a dialer of a connection that stands already.
type dialled struct{ connection net.Conn }

// Dial returns the connection.
func (d dialled) Dial(string, string) (net.Conn, error) { return d.connection, nil }

// DialContext returns the connection.
func (d dialled) DialContext(context.Context, string, string) (net.Conn, error) {
	return d.connection, nil
}
