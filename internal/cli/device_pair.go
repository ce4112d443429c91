package cli

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/phonepage"
)

// shownPairing is a link that makes a browser a device.
type shownPairing struct {
	Link        string    `json:"link"`
	AuthyID     int64     `json:"authy_id"`
	ExpiresAt   time.Time `json:"expires_at"`
	Network     bool      `json:"network"`     // whether a phone in the same network can open it
	TrustURL    string    `json:"trust_url"`   // how the phone learns to trust the link; "": it does
	Fingerprint string    `json:"fingerprint"` // of what it has to trust
}

type devicePairOptions struct {
	tools
	authyID int64
	name    string
	host    string
	noWait  bool
}

// NewCmdDevicePair returns the command that makes the browser of a real phone a device.
func NewCmdDevicePair(f *Factory) *cobra.Command {
	o := &devicePairOptions{}
	o.tools = f.tools().onServer("no server runs in this workspace, which the phone could reach: start one with " +
		"'onetouch serve --lan'")
	cmd := &cobra.Command{
		Use:   "pair",
		Short: "Make a real phone a device: print a link for its browser",
		Long: "Make a real phone a device: print a link, as a QR code too, that its browser opens. The page registers itself with\n" +
			"a key that never leaves the browser, shows what is pending and answers. The link works once, for two minutes;\n" +
			"the command waits until the phone has registered.\n\n" +
			"A phone in the same network needs a server that was started with 'onetouch serve --lan'. A browser on this\n" +
			"machine can use the link of any server. Whoever opens the link is the user's phone: show it to nobody else.",
		Example: "onetouch serve --lan\nonetouch device pair --user 1000",
		Args:    noArguments,
		RunE:    runOn(o, devicePairRun),
	}
	flags := cmd.Flags()
	addUserFlag(f, cmd, &o.authyID, "Authy `ID` of the user (default the only one)")
	flags.StringVar(&o.name, "name", "", "`NAME` of the phone (default what the browser is called)")
	flags.StringVar(&o.host, "host", "", "`HOST` of the link, when the server has several addresses (default the best)")
	flags.BoolVar(&o.noWait, "no-wait", false, "do not wait until the phone has registered")
	o.answer = addAnswerFlags(cmd, shownPairing{}, "the link")
	return cmd
}

func devicePairRun(ctx context.Context, o *devicePairOptions, c *Connection) (err error) {
	if err := c.refuseElsewhere(); err != nil {
		return err
	}
	if o.authyID, err = c.onlyUser(ctx, o.authyID); err != nil {
		return err
	}
	base, err := phoneURL(c.Server.PhonePage, o.host)
	if err != nil {
		return err
	}
	pairing, err := c.Control.StartPairing(ctx, controlapi.NewPairing{AppID: c.Application.ID, AuthyID: o.authyID})
	if err != nil {
		return orUnknownUser(err, o.authyID)
	}
	if err := o.present(ctx, c, shownPairing{
		Link: linkOf(base, pairing.Token, o.name), AuthyID: o.authyID, ExpiresAt: pairing.ExpiresAt,
		Network: !isLocalURL(base), TrustURL: c.Server.PhonePage.TrustURL, Fingerprint: c.Server.PhonePage.Fingerprint,
	}); err != nil || o.noWait {
		return err
	}
	return o.await(ctx, c, pairing)
}

// onlyUser is the user that was chosen, or the only one.
func (c *Connection) onlyUser(ctx context.Context, chosen int64) (int64, error) {
	if chosen != 0 {
		return chosen, nil
	}
	users, err := c.users(ctx)
	switch {
	case err != nil:
		return 0, err
	case len(users) == 0:
		return 0, failedWith(ExitNotFound, "there is no user whose phone it could be: add one with 'onetouch user create'")
	case len(users) > 1:
		return 0, usageError("--user is missing: say whose phone it is ('onetouch user list' shows the users)")
	}
	return users[0].AuthyID, nil
}

// phoneURL is the base URL of the link: the best, or that of the host that was chosen.
func phoneURL(page controlapi.PhonePage, host string) (string, error) {
	var hosts []string
	for _, base := range page.URLs {
		parsed, err := url.Parse(base)
		if err != nil {
			continue
		}
		if host == "" || strings.EqualFold(parsed.Hostname(), host) {
			return base, nil
		}
		hosts = append(hosts, parsed.Hostname())
	}
	if len(hosts) == 0 {
		return "", failedWith(ExitFailed, "the server has no page for phones")
	}
	return "", usageError("--host %q is no address that phones reach the server under: choose from %s", host,
		strings.Join(hosts, ", "))
}

// linkOf puts the token where a browser keeps it to itself, and no server logs it: behind the #.
func linkOf(base, token, name string) string {
	link := base + phonepage.Prefix + "/#" + token
	if name != "" {
		link += "&name=" + url.QueryEscape(name)
	}
	return link
}

func isLocalURL(base string) bool {
	parsed, err := url.Parse(base)
	return err == nil && parsed.Hostname() == "localhost"
}

func (o *devicePairOptions) present(ctx context.Context, c *Connection, pairing shownPairing) error {
	return o.show(ctx, shown{data: pairing, ids: []string{pairing.Link}, people: output.TextFunc(func(s *output.Streams) error {
		pairing.advise(s, c.Server.PhonePage)
		return writeQR(s, pairing.Link)
	})})
}

// advise says what there is to know before the code: that and the link fill the screen.
func (p shownPairing) advise(s *output.Streams, page controlapi.PhonePage) {
	switch {
	case !p.Network && len(page.URLs) == 1:
		say(s, "The server listens on this machine only: open the link in a browser here. A phone in the same network needs "+
			"'onetouch serve --lan'.")
	case p.TrustURL != "":
		say(s, "If the phone warns of the certificate: %s says how to trust it. Its fingerprint:\n%s",
			p.TrustURL, output.Sanitise(p.Fingerprint))
	case p.Network:
		say(s, "The server has no HTTPS, without which a phone's browser makes no keys: start it with 'onetouch serve --lan' "+
			"alone.")
	}
	hint(s, "The link works once, until %s.", moment(s, p.ExpiresAt))
}

// await waits until the phone has registered, or the link is over.
func (o *devicePairOptions) await(ctx context.Context, c *Connection, pairing controlapi.Pairing) error {
	ofUser := func(event controlapi.Event) bool {
		return event.Type == onetouch.EventDeviceRegistered && event.AuthyID == pairing.AuthyID
	}
	left := max(pairing.ExpiresAt.Sub(c.Server.Now), time.Second)
	err := c.until(ctx, left, ofUser, func(ctx context.Context) (bool, error) {
		current, err := c.Control.Pairing(ctx, pairing.ID)
		pairing.State, pairing.DeviceID = current.State, current.DeviceID
		return current.State == onetouch.RegistrationCompleted, err
	})
	switch {
	case errors.Is(err, errTimeUp):
		return failedWith(ExitExpired, "the link has expired, no phone has used it: 'onetouch device pair' makes another")
	case err != nil:
		return err
	}
	paired, err := c.device(ctx, *pairing.DeviceID)
	if err != nil {
		return err
	}
	say(o.streams, "Device %d (%s) is paired for user %d.", paired.ID, output.Sanitise(paired.Name), paired.AuthyID)
	return nil
}
