package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/phone"
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
	if err := refuseEndpoint(c, devices); err != nil {
		return nil, err
	}
	return w.hearBackend(ctx, devices, known)
}

// refuseEndpoint refuses to wait for pushes that no backend sends: the phone would hear nothing.
func refuseEndpoint(c *Connection, devices []*device.Device) error {
	silent, factors := silentOf(c.Server), 0
	for _, d := range devices {
		switch {
		case d.API() == device.Verify:
			factors++
		case !silent[d.AppID()]:
			return usageError("--push-listen hears a backend that pushes by itself, but the service pushes for %s: leave the flag "+
				"out, or run 'onetouch app update %s --push backend'", output.Sanitise(d.AppName()), d.AppID())
		}
	}
	if factors == len(devices) {
		return usageError("--push-listen hears a backend that pushes by itself, but to a factor of the Verify API no backend " +
			"pushes: leave the flag out")
	}
	return nil
}

// hearBackend opens an endpoint for the pushes of the backend.
func (w *watch) hearBackend(
	ctx context.Context, devices []*device.Device, known map[int64]controlapi.Device,
) (stop func(), err error) {
	listener, err := listenForPushes(ctx, w.pushListen)
	if err != nil {
		return nil, err
	}
	url := urlOf(listener.Addr())
	endpoint := device.NewPushEndpoint(url)
	server := &http.Server{Handler: endpoint, ReadHeaderTimeout: pushHeaderTimeout}
	go func() { _ = server.Serve(listener) }() // it ends with an error in any case: that of stop
	tokens := map[*device.Device]string{}
	stop = func() {
		_ = server.Close()
		w.hearServiceAgain(ctx, tokens)
	}
	w.receivers = map[int64]*device.PushReceiver{}
	for _, d := range devices {
		if d.API() == device.Verify {
			continue // it hears the service, as ever
		}
		token := cmp.Or(known[d.ID()].PushToken, rand.Text()) // a backend knows the one of before
		if w.receivers[d.ID()], err = endpoint.Open(ctx, d, token); err != nil {
			stop()
			return nil, fmt.Errorf("device %d: %w", d.ID(), err)
		}
		tokens[d] = token
		say(w.streams, "Device %d takes the pushes of its backend at %s, push token %s", d.ID(), url, output.Sanitise(token))
	}
	return stop, nil
}

// goodbyeTime bounds how long the server may take to hear that devices are back, when the watch is over.
const goodbyeTime = 2 * time.Second

// hearServiceAgain leaves devices as they were before they listened to their backend. The others, of which the server was
// not told, are helped by whoever runs them next.
func (w *watch) hearServiceAgain(ctx context.Context, tokens map[*device.Device]string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTime)
	defer cancel()
	for d, token := range tokens {
		err := phone.ListenAgain(ctx, d, token)
		if err != nil && !errors.Is(err, device.ErrAccessToken) {
			say(w.streams, "Device %d listens to nobody until it is watched again: %v", d.ID(), err)
		}
	}
}

// hearService makes devices that have listened to their backend listen to the service again, and says which of them will
// hear nothing there.
func (w *watch) hearService(
	ctx context.Context, c *Connection, devices []*device.Device, known map[int64]controlapi.Device,
) error {
	silent := silentOf(c.Server)
	for _, d := range devices {
		if silent.deaf(d.AppID(), d.API().String()) {
			delete(silent, d.AppID()) // once is enough
			say(w.streams, "The backend of %s pushes by itself, so that the service sends nothing: to hear the backend, give "+
				"--push-listen %s.", output.Sanitise(d.AppName()), anyLoopbackPort)
		}
		if known[d.ID()].Push != string(device.PushNone) {
			continue
		}
		if err := phone.ListenAgain(ctx, d, known[d.ID()].PushToken); err != nil {
			return fmt.Errorf("device %d: %w", d.ID(), err)
		}
	}
	return nil
}

const anyLoopbackPort = "127.0.0.1:0"

// checkPushListen refuses what is no address.
func checkPushListen(addr string) error {
	if _, _, err := net.SplitHostPort(addr); addr != "" && err != nil {
		return usageError("--push-listen %q must be HOST:PORT, such as %s", addr, anyLoopbackPort)
	}
	return nil
}

// listenForPushes takes an address; without a host nobody but this machine reaches it.
func listenForPushes(ctx context.Context, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, checkPushListen(addr)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port))
	if err != nil {
		return nil, fmt.Errorf("listening for pushes on %s: %w (--push-listen chooses another address, and 0 a free port)",
			addr, innermost(err))
	}
	return listener, nil
}
