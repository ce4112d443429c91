package cli

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phone"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/pkg/device"
)

// registeredAt lists the devices that a server knows.
func registeredAt(control *controlapi.Client) func(context.Context) ([]phone.Registered, error) {
	return func(ctx context.Context) ([]phone.Registered, error) {
		about, err := control.Server(ctx)
		if err != nil {
			return nil, err
		}
		silent := silentOf(about)
		devices, err := control.Devices(ctx, 0)
		registered := make([]phone.Registered, len(devices))
		for i, d := range devices {
			target := device.PushTarget{Type: device.PushType(d.Push), Token: d.PushToken, URL: d.PushURL}
			registered[i] = phone.Registered{UUID: d.UUID, Push: target, Deaf: silent.deaf(d.AppID, d.API)}
		}
		return registered, err
	}
}

// silentApps are the IDs of the applications whose backends push by themselves.
type silentApps map[string]bool

// deaf reports whether the service tells a device of an application nothing: to a factor of the Verify API no backend can push,
// so it hears the service all the same.
func (s silentApps) deaf(appID, api string) bool { return s[appID] && api != device.Verify.String() }

func silentOf(s controlapi.Server) silentApps {
	silent := silentApps{}
	for _, app := range s.Applications {
		silent[app.ID] = app.Push == string(onetouch.PushByBackend)
	}
	return silent
}

// registeredWith is registeredAt for a server in this process.
func registeredWith(service *onetouch.Service) func(context.Context) ([]phone.Registered, error) {
	return func(ctx context.Context) ([]phone.Registered, error) {
		apps, err := service.Applications(ctx)
		if err != nil {
			return nil, err
		}
		silent := silentApps{}
		for _, app := range apps {
			silent[app.ID] = app.PushSender == onetouch.PushByBackend
		}
		devices, err := service.Devices(ctx, onetouch.DeviceFilter{})
		registered := make([]phone.Registered, len(devices))
		for i, d := range devices {
			target := device.PushTarget{Type: device.PushType(d.Push.Type), Token: d.Push.Token, URL: d.Push.URL}
			registered[i] = phone.Registered{UUID: d.UUID, Push: target, Deaf: silent.deaf(d.AppID, d.API.String())}
		}
		return registered, err
	}
}

// hostPhones has the phones of the workspace that have a policy answer while the connection lasts. Where a server runs, that
// does it.
func (c *Connection) hostPhones(ctx context.Context) error {
	if !c.InProcess {
		return nil
	}
	host := phone.NewHost(phone.HostOptions{
		Devices: c.Devices, Server: c.URL, HTTP: c.HTTP, Registered: registeredAt(c.Control),
		Watched: c.Watches.Taken,
		Warn:    func(err error) { c.warn("%s", output.Sanitise(err.Error())) },
	})
	stop := c.stop
	c.stop = func(ctx context.Context) (int, error) {
		host.Close()
		return stop(ctx)
	}
	_, err := host.Refresh(ctx)
	return err
}

// policyChanged tells the server that the policy of a phone is another now. Where no server runs this phone, its user is
// told who would. A server may have been started since the connection was made.
func (c *Connection) policyChanged(ctx context.Context, uuid string, id int64) error {
	now := c.nowAt()
	if now == "" {
		return nil
	}
	hosted, err := c.Control.RefreshHostedPhones(ctx)
	if err != nil {
		return err
	}
	credentials, err := c.Devices.Load(id)
	if err != nil || credentials.Policy.IsZero() {
		return err
	}
	if silentOf(c.Server).deaf(credentials.AppID, credentials.API.String()) {
		c.warn("The backend of %s pushes by itself, so that the service tells this phone nothing: 'onetouch device watch %d "+
			"--push-listen %s' hears the backend.", output.Sanitise(credentials.AppName), id, anyLoopbackPort)
		return nil
	}
	if slices.Contains(hosted.DeviceUUIDs, uuid) {
		return nil
	}
	c.warn("The server at %s does not run the phones of this workspace: 'onetouch device watch %d' does.", now, id)
	return nil
}

// hostedByServer are the phones that a server's process runs.
type hostedByServer struct {
	// All of this is nil until the server is open.
	host   *phone.Host
	server *server.Server
	folder string // of the device store
	log    *slog.Logger
}

// Refresh is for the control API, which is there before the phones are.
func (h *hostedByServer) Refresh(ctx context.Context) ([]string, error) {
	if h.host == nil {
		return nil, nil
	}
	running, err := h.host.Refresh(ctx)
	uuids := make([]string, len(running))
	for i, one := range running {
		uuids[i] = one.UUID
	}
	return uuids, err
}

// run lets the phones of the device store in a folder answer until they are stopped, and returns how many hear of requests.
func (h *hostedByServer) run(
	ctx context.Context, s *server.Server, folder string, logger *slog.Logger,
) (count int, stop func(), err error) {
	h.server, h.folder, h.log = s, folder, logger
	client, hangUp := s.Within()
	h.host = phone.NewHost(phone.HostOptions{
		Devices: device.NewStore(folder), Server: server.InProcessURL, HTTP: client,
		Registered: registeredWith(s.Service()), Watched: phone.NewWatches(folder).Taken,
		Report: func(outcome phone.Outcome) { logOutcome(ctx, logger, outcome) },
		Warn:   func(err error) { logger.Warn("a phone with a policy", "error", err) },
	})
	running, err := h.host.Refresh(ctx)
	if err != nil {
		err = fmt.Errorf("starting the phones with a policy: %w", err)
	}
	for _, one := range running {
		if !one.Deaf {
			count++
		}
	}
	return count, sync.OnceFunc(func() {
		h.host.Close()
		hangUp()
	}), err
}

func logOutcome(ctx context.Context, logger *slog.Logger, outcome phone.Outcome) {
	attributes := []any{"device", outcome.Device.ID(), "request", outcome.Request.UUID}
	if outcome.TooLate() {
		logger.DebugContext(ctx, "too late to answer by policy", append(attributes, "reason", outcome.Err)...)
		return
	}
	logger.InfoContext(ctx, "answered by policy", append(attributes, "status", outcome.Request.Status)...)
}

// numberOfPhones is for the opening lines of a server; "" for none.
func numberOfPhones(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 answers by its policy"
	default:
		return fmt.Sprintf("%d answer by their policies", n)
	}
}
