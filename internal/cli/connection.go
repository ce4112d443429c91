package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/authy"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// Connection reaches a server in the three roles a command can take. It must be closed.
type Connection struct {
	URL     string // of every API
	token   string // the control token
	HTTP    *http.Client
	Control *controlapi.Client // the operator
	Devices *device.Store      // the keys of the devices that are simulated here
	Watches *phone.Watches     // which of them a 'device watch' lets answer
	Server  controlapi.Server  // as it described itself when the connection was made
	// Application is the one that commands speak for, and Backend its backend. The operator has neither.
	Application controlapi.Application
	Backend     *authy.Client
	// chosen is set when Application was called by its name: nothing of another one is seen then.
	chosen bool
	// InProcess is set when no server runs and the connection is to handlers in this process.
	InProcess bool

	// unusable is set once a person was told that the key of a device is broken, and what to do.
	unusable bool
	// warn tells people what goes wrong beside the command itself.
	warn func(format string, args ...any)
	stop func(context.Context) (owed int, err error)
}

// reach says where the server is.
func (c *Connection) reach(base, token string) {
	c.URL, c.token, c.Control = base, token, controlapi.NewClient(base, token, c.HTTP)
}

// describe asks the server about itself.
func (c *Connection) describe(ctx context.Context) (err error) {
	c.Server, err = c.Control.Server(ctx)
	return err
}

// speakFor takes the role of the backend of an application: that of the ID or name, or the first.
func (c *Connection) speakFor(ctx context.Context, called string) (err error) {
	c.Application = c.Server.Applications[0]
	if called != "" {
		c.chosen = true
		c.Application, err = c.app(ctx, called)
	}
	c.beBackend()
	return err
}

// beBackend has the connection be the backend of its application.
func (c *Connection) beBackend() {
	c.Backend = authy.New(c.Application.APIKey, authy.WithBaseURL(c.URL), authy.WithHTTPClient(c.HTTP))
}

// ofApplication keeps what belongs to the application that commands speak for.
func ofApplication[T any](c *Connection, all []T, appID func(T) string) []T {
	return slices.DeleteFunc(all, func(one T) bool { return appID(one) != c.Application.ID })
}

// settleTime bounds how long a command without a server waits for the receivers of what it owes them.
const settleTime = 2 * time.Second

// Close ends the connection. Without a server it first sends what the command owes, and says so when that stays owed.
func (c *Connection) Close(ctx context.Context) {
	if c.stop == nil {
		return
	}
	settling, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	owed, err := c.stop(settling)
	if ctx.Err() != nil {
		return // who interrupts a command does not want to hear more of it
	}
	if err != nil {
		c.warn("Sending what is owed: %v", err)
		return
	}
	if owed > 0 {
		c.warn("%s: the next command that owes one tries again, and so does 'onetouch serve'.", stillOwed(owed))
	}
}

// Discard ends the connection without sending anything, as a look should.
func (c *Connection) Discard(ctx context.Context) {
	if c.stop == nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	_, _ = c.stop(ctx)
}

func stillOwed(n int) string {
	if n == 1 {
		return "One callback or push is still owed"
	}
	return fmt.Sprintf("%d callbacks and pushes are still owed", n)
}
