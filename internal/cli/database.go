package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/delivery"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/store"
)

// openServer opens the database that the settings name, and applies what they say of the application.
func openServer(
	ctx context.Context, settings config.Settings, workspace config.Workspace, options server.Options,
) (*server.Server, error) {
	application, err := applicationOf(settings)
	if err != nil {
		return nil, err
	}
	options.Database, options.Application = databaseOf(settings, workspace), application
	options.Seed, options.MostConnections, options.Keep = settings.Deterministic, settings.MaxConnections, settings.Keep
	if options.Reach, err = delivery.NewReach(settings.DeliverTo, settings.NoDeliverTo); err != nil {
		return nil, usageError("--%s or --%s: %w", config.KeyDeliverTo, config.KeyNoDeliverTo, err)
	}
	if options.Bridge, err = bridgeOf(settings); err != nil {
		return nil, err
	}
	if settings.Clock != "" {
		if options.FrozenAt, err = time.Parse(time.RFC3339, settings.Clock); err != nil {
			return nil, usageError("--clock %q is no time, such as 2026-11-25T12:00:00Z", settings.Clock)
		}
		if err := onetouch.ValidClockTime(config.KeyClock, options.FrozenAt); err != nil {
			return nil, orWrongSetting(err)
		}
	}
	opened, err := server.Open(ctx, options)
	return opened, orWrongSetting(err)
}

// orWrongSetting words the refusal of a setting, wherever that was made. Other errors it leaves alone.
func orWrongSetting(err error) error {
	name, reason, refused := wrongParameter(err)
	switch {
	case !refused:
		return err
	case name == "":
		return usageError("%w", err)
	}
	key := parameterFlags{}.flagOf(name)
	return usageError("--%s %s (or %s, or %s in a file of settings)", key, reason, config.Variable(key), key)
}

// databaseOf is the database of the workspace's server, unless the user keeps it elsewhere. A service with a profile keeps
// nothing, unless told where: its keys must not take the place of the workspace's own.
func databaseOf(settings config.Settings, workspace config.Workspace) string {
	database := settings.Database
	switch {
	case database == "" && settings.Profile != "":
		return store.Memory
	case database == "":
		return workspace.Database()
	}
	location, err := store.ParseLocation(database)
	if err != nil {
		return database // which is refused where it is opened
	}
	return location.String() // others read it in folders of their own
}

// applicationOf is what the settings say of the application; the rest stays as the database has it.
func applicationOf(settings config.Settings) (onetouch.ApplicationSettings, error) {
	application := onetouch.ApplicationSettings{}
	if settings.Profile != "" {
		profile, known := profiles()[settings.Profile]
		if !known {
			return application, usageError("--profile %q is not known: choose from %s", settings.Profile,
				strings.Join(profileNames(), ", "))
		}
		application = profile
	}
	application.CallbackURL, application.CallbackMethod = settings.CallbackURL, settings.CallbackMethod
	application.PushSender = onetouch.PushSender(settings.Push)
	if settings.APIKey != "" {
		application.APIKey = settings.APIKey
	}
	return application, nil
}

// profiles are the kinds of service beside the ordinary one.
func profiles() map[string]onetouch.ApplicationSettings {
	return map[string]onetouch.ApplicationSettings{
		"sandbox": onetouch.SandboxSettings(), "sandbox-bare": onetouch.BareSandboxSettings(),
	}
}

func profileNames() []string { return slices.Sorted(maps.Keys(profiles())) }
