package cli

import (
	"strings"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/server/bridge"
)

// upstreamVerify is the one other service that can have the phones.
const upstreamVerify = "verify"

// refuseElsewhere says that a bridge has no phones of its own.
func (c *Connection) refuseElsewhere() error {
	if c.Server.Upstream == "" {
		return nil
	}
	return failedWith(ExitFailed, "the server is a bridge, and has no phones of its own: they are at %s", c.Server.Upstream)
}

// bridgeOf is what the settings say of another service that has the phones; nil: this one has them.
func bridgeOf(settings config.Settings) (*bridge.Options, error) {
	switch strings.ToLower(settings.Upstream) {
	case "":
		return nil, nil
	case upstreamVerify:
	default:
		return nil, usageError("--%s %q is not known: it can be %s", config.KeyUpstream, settings.Upstream, upstreamVerify)
	}
	for _, one := range []struct{ key, value string }{
		{config.KeyUpstreamService, settings.UpstreamService}, {config.KeyUpstreamAccountSID, settings.UpstreamAccountSID},
		{config.KeyUpstreamAuthToken, settings.UpstreamAuthToken},
	} {
		if one.value == "" {
			return nil, usageError("--%s %s needs %s as well: set it in the environment (%s) or in a file of settings",
				config.KeyUpstream, upstreamVerify, one.key, config.Variable(one.key))
		}
	}
	return &bridge.Options{
		URL: settings.UpstreamURL, ServiceSID: settings.UpstreamService, AccountSID: settings.UpstreamAccountSID,
		AuthToken: settings.UpstreamAuthToken, WebhookURL: settings.UpstreamWebhookURL,
	}, nil
}
