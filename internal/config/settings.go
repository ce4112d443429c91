package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Settings are what the user has chosen, wherever they have.
type Settings struct {
	Workspace      string
	Server         string        // URL of a server that was named; "": the workspace's own
	ServerExported bool          // whether the environment names Server
	ControlToken   string        // lets its bearer in to Server; "": the workspace's own
	App            string        // ID or name of the application that commands speak for; "": the first
	Addr           string        // host:port to serve on
	LAN            bool          // whether to serve on every interface, with the port of Addr
	TLS            bool          // whether to answer HTTPS too; what LAN is, unless somebody says otherwise
	Database       string        // "": the workspace's own file
	Profile        string        // what kind of service the server is; "": the ordinary one
	APIKey         string        // "": the one in the database
	CallbackURL    *string       // nil: the one in the database; "": none
	CallbackMethod string        // "": the one in the database
	Push           string        // "": what the database says
	Deterministic  string        // seed of what is random; "": nobody can tell it beforehand
	Clock          string        // time at which the server's clock stands still from the start; "": it runs
	DeliverTo      string        // networks and hosts that deliveries go to, and to no others; "": no such list
	NoDeliverTo    string        // networks and hosts that deliveries never go to
	Keep           time.Duration // how long what has ended is kept; 0: for ever
	MaxConnections int           // that callers on other machines have at most; 0: as many as the server says
	// Upstream is another service that has the phones; "": this one has them.
	Upstream           string
	UpstreamURL        string // "": the service's own
	UpstreamService    string
	UpstreamWebhookURL string // where it reaches this server; "": nowhere
	UpstreamAccountSID string
	UpstreamAuthToken  string
	LogLevel           string
	LogFormat          string
}

// Names of settings: flags and keys of a file.
const (
	KeyWorkspace          = "workspace"
	KeyServer             = "server"
	KeyControlToken       = "control-token"
	KeyApp                = "app"
	KeyAddr               = "addr"
	KeyLAN                = "lan"
	KeyTLS                = "tls"
	KeyDatabase           = "db"
	KeyProfile            = "profile"
	KeyAPIKey             = "api-key"
	KeyCallbackURL        = "callback-url"
	KeyCallbackMethod     = "callback-method"
	KeyPush               = "push"
	KeyDeterministic      = "deterministic"
	KeyClock              = "clock"
	KeyDeliverTo          = "deliver-to"
	KeyNoDeliverTo        = "no-deliver-to"
	KeyMaxConnections     = "max-connections"
	KeyKeep               = "keep"
	KeyUpstream           = "upstream"
	KeyUpstreamURL        = "upstream-url"
	KeyUpstreamService    = "upstream-service"
	KeyUpstreamWebhookURL = "upstream-webhook-url"
	KeyUpstreamAccountSID = "upstream-account-sid"
	KeyUpstreamAuthToken  = "upstream-auth-token"
	KeyLogLevel           = "log-level"
	KeyLogFormat          = "log-format"
)

// DefaultWorkspace is the workspace of those who never think of one.
const DefaultWorkspace = "default"

// DefaultAddr is where a server listens unless told otherwise: on this machine only.
const DefaultAddr = "127.0.0.1:8181"

// projectFile is the file of the folder that a command is run in.
const projectFile = "onetouch.yaml"

// Load reads the settings. Flags of the set that are settings and were given count; a nil set has none.
func Load(env Environment, flags *pflag.FlagSet) (Settings, error) {
	v := viper.New()
	for _, one := range table() {
		v.SetDefault(one.key, one.initial)
	}
	for _, file := range env.Files() {
		if err := mergeFile(v, file.Path); err != nil {
			return Settings{}, err
		}
	}
	if err := v.MergeConfigMap(env.settings()); err != nil {
		return Settings{}, fmt.Errorf("reading settings from the environment: %w", err)
	}
	for _, key := range Keys() {
		if flags == nil || flags.Lookup(key) == nil {
			continue
		}
		if err := v.BindPFlag(key, flags.Lookup(key)); err != nil {
			return Settings{}, fmt.Errorf("reading the flag --%s: %w", key, err)
		}
	}
	settings, err := settingsOf(v, flags)
	if err == nil {
		settings.weighServer(env, flags)
	}
	return settings, err
}

// weighServer has a workspace that was named on the command line win over a server that the environment names: what
// `onetouch env` has exported once is not meant each time.
func (s *Settings) weighServer(env Environment, flags *pflag.FlagSet) {
	given := func(key string) bool { return flags != nil && flags.Changed(key) }
	if exported, _ := env.Lookup(Variable(KeyServer)); exported == "" || given(KeyServer) {
		return
	}
	s.ServerExported = !given(KeyWorkspace)
	if !s.ServerExported {
		s.Server = ""
	}
}

// settingsOf reads every setting, in the order of the table.
func settingsOf(v *viper.Viper, flags *pflag.FlagSet) (s Settings, err error) {
	for _, one := range table() {
		given := v.InConfig(one.key) || flags != nil && flags.Changed(one.key)
		if err := one.take(&s, v.GetString(one.key), given); err != nil {
			return s, err
		}
	}
	return s, nil
}

// mergeFile adds the settings of a file, if there is one.
func mergeFile(v *viper.Viper, file string) error {
	one, err := readFile(file)
	if err != nil || one == nil {
		return err
	}
	return v.MergeConfigMap(one.AllSettings())
}

// readFile reads a file of settings, and refuses what is none; nil without an error when there is no file.
func readFile(file string) (*viper.Viper, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotFolder) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	one := viper.New()
	one.SetConfigType("yaml")
	if err := one.ReadConfig(strings.NewReader(string(content))); err != nil {
		return nil, fmt.Errorf("reading settings from %s: %s", file, oneLine(err))
	}
	known := Keys()
	for _, key := range one.AllKeys() {
		if !slices.Contains(known, key) {
			return nil, fmt.Errorf("reading settings from %s: unknown setting %q, choose from %s",
				file, key, strings.Join(known, ", "))
		}
		if _, list := one.Get(key).([]any); list {
			return nil, fmt.Errorf("reading settings from %s: %s must have one value, it has a list", file, key)
		}
	}
	return one, nil
}

// oneLine takes the words of a parser, which may stand on several lines.
func oneLine(err error) string {
	return strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "While parsing config: ")
}
