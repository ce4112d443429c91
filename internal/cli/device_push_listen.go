package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// pushHeaderTimeout is how long a backend may take to say what it wants.
const pushHeaderTimeout = 10 * time.Second

// hearPushes makes the devices hear of requests: from their backend, at an endpoint that is opened for its pushes, or from
// the service. Call stop when it is over.
func (w *watch) hearPushes(ctx context.Context, c *Connection, devices []*device.Device) (stop func(), err error) {
	listed, err := c.Control.Devices(ctx, 0)
	if err != nil {
		return nil, err
	}
	known := map[int64]controlapi.Device{}
	for _, one := range listed {
		known[one.ID] = one
	}
	if w.pushListen == "" {
		return func() {}, w.hearService(ctx, c, devices, known)
	}
	listener, err := listenForPushes(ctx, w.pushListen)
	if err != nil {
		return nil, err
	}
	url := urlOf(listener.Addr())
	endpoint := device.NewPushEndpoint(url)
	server := &http.Server{Handler: endpoint, ReadHeaderTimeout: pushHeaderTimeout}
	go func() { _ = server.Serve(listener) }() // it ends with an error in any case: that of stop
	stop = func() { _ = server.Close() }
	w.receivers = map[int64]*device.PushReceiver{}
	for _, d := range devices {
		token := cmp.Or(known[d.ID()].PushToken, rand.Text()) // a backend knows the one of before
		if w.receivers[d.ID()], err = endpoint.Open(ctx, d, token); err != nil {
			stop()
			return nil, fmt.Errorf("device %d: %w", d.ID(), err)
		}
		say(w.streams, "Device %d takes the pushes of its backend at %s, push token %s", d.ID(), url, output.Sanitise(token))
	}
	return stop, nil
}

// hearService makes devices that have listened to their backend listen to the service again, and says which of them will
// hear nothing there.
func (w *watch) hearService(
	ctx context.Context, c *Connection, devices []*device.Device, known map[int64]controlapi.Device,
) error {
	silent := map[string]bool{}
	for _, app := range c.Server.Applications {
		if app.Push == string(onetouch.PushByBackend) {
			silent[app.ID] = true
		}
	}
	for _, d := range devices {
		if silent[d.AppID()] {
			delete(silent, d.AppID()) // once is enough
			say(w.streams, "The backend of %s pushes by itself, so that the service sends nothing: to hear the backend, give "+
				"--push-listen %s.", output.Sanitise(d.AppName()), anyLoopbackPort)
		}
		if known[d.ID()].Push != string(device.PushNone) {
			continue
		}
		err := d.SetPush(ctx, device.PushTarget{Type: device.PushStream, Token: known[d.ID()].PushToken})
		if err != nil {
			return fmt.Errorf("device %d: %w", d.ID(), err)
		}
	}
	return nil
}

const anyLoopbackPort = "127.0.0.1:0"

// listenForPushes takes an address; without a host nobody but this machine reaches it.
func listenForPushes(ctx context.Context, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usageError("--push-listen %q must be HOST:PORT, such as %s", addr, anyLoopbackPort)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port))
	if err != nil {
		return nil, fmt.Errorf("listening for pushes on %s: %w (--push-listen chooses another address, and 0 a free port)",
			addr, innermost(err))
	}
	return listener, nil
}
