package server

import (
	"net/url"
	"slices"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/bridge"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/verifyapi"
)

// openBridge makes the bridge to the service that has the phones, when it is not this one. The name under which that
// service reaches this one is served, too.
func (s *Server) openBridge() error {
	if s.options.Bridge == nil {
		return nil
	}
	if s.options.Bridge.Logger == nil {
		s.options.Bridge.Logger = s.log
	}
	upstream, err := bridge.New(*s.options.Bridge)
	if err != nil {
		return err
	}
	s.bridge = onetouch.NewBridge(s.service, upstream)
	if u, err := url.Parse(s.options.Bridge.WebhookURL); err == nil && u.Hostname() != "" {
		s.options.Hosts = append(slices.Clone(s.options.Hosts), u.Hostname())
	}
	return nil
}

// phones is where the phones are; nil: here.
func (s *Server) phones() authyapi.Phones {
	if s.bridge == nil {
		return nil
	}
	return s.bridge
}

// Upstream is the other service that has the phones, for people; "": this one has them.
func (s *Server) Upstream() string {
	if s.bridge == nil {
		return ""
	}
	return s.options.Bridge.String()
}

// bridged are the families of a server whose phones may be elsewhere: then it has no API for them, but takes the other
// service's webhooks.
func (s *Server) bridged(families route.Families) route.Families {
	if s.bridge == nil {
		return families
	}
	families = slices.DeleteFunc(slices.Clone(families), func(f route.Family) bool {
		return f.Prefix == deviceapi.Prefix || f.Prefix == verifyapi.Prefix
	})
	if s.options.Bridge.WebhookURL != "" {
		families = append(families, bridge.Family(*s.options.Bridge, s.bridge.Heard))
	}
	return families
}
