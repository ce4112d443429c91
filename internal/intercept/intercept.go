package intercept

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/localca"
)

// Options say what to intercept, and for whom.
type Options struct {
	Hosts   []string     // the names to answer for, in lower case
	Handler http.Handler // answers calls for them, as a server of that name would
	// Environment is that of the command, NAME=value: which proxies, certificates and options it has already.
	Environment []string
	// Folder is where the command's programs find certificates and a script: a folder of the user's own, which the caller
	// removes. Nothing in it is secret.
	Folder string
	Logger *slog.Logger // nil: no log
}

// Interception is a running proxy with the files that its users need.
type Interception struct {
	proxy   *proxy
	changes []string
}

// Start listens on a free port of the loopback address.
func Start(ctx context.Context, o Options) (*Interception, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	given := readEnvironment(o.Environment)
	authority, err := localca.ForNames(o.Hosts, time.Now())
	if err != nil {
		return nil, err
	}
	config, err := authority.ServerConfig(localca.Machine{Names: o.Hosts}, time.Now)
	if err != nil {
		return nil, err
	}
	i := &Interception{}
	if i.proxy, err = startProxy(ctx, o, config, given.upstream()); err != nil {
		return nil, err
	}
	setting := setting{
		given: given, hosts: o.Hosts, folder: o.Folder, authority: authority.Certificate(),
		front: i.proxy.front.Addr(), direct: i.proxy.direct.Addr(), log: o.Logger,
	}
	if i.changes, err = setting.variables(); err != nil {
		i.Close()
		return nil, err
	}
	return i, nil
}

// Environment holds the variables that the command needs beside those it has, or in their place: NAME=value, sorted.
func (i *Interception) Environment() []string { return slices.Clone(i.changes) }

// Close ends the proxy with every connection that it has.
func (i *Interception) Close() { i.proxy.close() }

func startProxy(ctx context.Context, o Options, config *tls.Config, upstream upstream) (*proxy, error) {
	listener, err := listenLoopback(ctx)
	if err != nil {
		return nil, err
	}
	direct, err := listenLoopback(ctx)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	p := newProxy(o, config, upstream, listener, direct)
	p.start()
	return p, nil
}

// listenLoopback listens where only programs of this machine can connect: a proxy that others reach is theirs to abuse.
func listenLoopback(ctx context.Context) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err == nil {
		return listener, nil
	}
	listener, err6 := (&net.ListenConfig{}).Listen(ctx, "tcp", "[::1]:0")
	if err6 != nil {
		return nil, fmt.Errorf("listening for calls to intercept: %w", errors.Join(err, err6))
	}
	return listener, nil
}

// hostOf is the host of "host:port" or "host" as names are compared: in lower case, without the dot of the root.
func hostOf(authority string) string {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = strings.Trim(authority, "[]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
