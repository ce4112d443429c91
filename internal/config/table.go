package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// setting is what there is to say about a setting beside its field in [Settings] and its key: flag, environment variable
// and line of a file are made of it.
type setting struct {
	key     string
	initial string   // when nobody has chosen
	usage   string   // of the flag; "" for a secret, which has none
	words   []string // what it can be; nil: many things
	isOn    bool     // whether it is on or off
	// emptyCounts is set when an empty variable of the environment says something: that there is none.
	emptyCounts bool
	form        form // what is known of its text beforehand
	// take puts the value into its field; given says whether somebody has chosen.
	take func(s *Settings, value string, given bool) error
}

// table lists the settings.
func table() []setting {
	return slices.Concat(generalSettings(), applicationSettings(), networkSettings(), upstreamSettings(), logSettings())
}

func generalSettings() []setting {
	return []setting{
		{key: KeyWorkspace, initial: DefaultWorkspace, usage: "`NAME` of the set of files to work with",
			take: func(s *Settings, value string, _ bool) error {
				s.Workspace = value
				return validWorkspace(value)
			}},
		{key: KeyServer, form: httpURL, usage: "`URL` of a server other than the workspace's own",
			take: text(func(s *Settings) *string { return &s.Server })},
		{key: KeyControlToken, form: oneWord, take: text(func(s *Settings) *string { return &s.ControlToken })},
		{key: KeyApp, usage: "`ID` or name of the application to speak for (default the first)",
			take: text(func(s *Settings) *string { return &s.App })},
		{key: KeyAddr, form: hostPort, initial: DefaultAddr, usage: "`HOST:PORT` to listen on; port 0 picks a free one",
			take: text(func(s *Settings) *string { return &s.Addr })},
		{key: KeyLAN, usage: "serve the local network too, so that phones can be paired; with HTTPS", isOn: true,
			take: func(s *Settings, value string, _ bool) (err error) {
				s.LAN, err = switchOf(KeyLAN, value, false)
				return err
			}},
		{key: KeyTLS, usage: "answer HTTPS as well as HTTP, on the same port (default with --lan)", isOn: true,
			take: func(s *Settings, value string, _ bool) (err error) {
				s.TLS, err = switchOf(KeyTLS, value, s.LAN) // without HTTPS the browser of a phone makes no keys
				return err
			}},
		{key: KeyDatabase, usage: "`DATABASE`: a file, :memory:, or postgres://user@host/database (default a file of the workspace)",
			take: text(func(s *Settings) *string { return &s.Database })},
	}
}

// applicationSettings are for the application, and for what is reproducible.
func applicationSettings() []setting {
	return []setting{
		{key: KeyProfile, usage: "`KIND` of service: sandbox or sandbox-bare (default the ordinary one)",
			words: []string{"sandbox", "sandbox-bare"}, take: text(func(s *Settings) *string { return &s.Profile })},
		{key: KeyAPIKey, form: oneWord, usage: "API `KEY` of the application; the environment hides it better (ONETOUCH_API_KEY)",
			take: text(func(s *Settings) *string { return &s.APIKey })},
		{key: KeyCallbackURL, form: httpURL, usage: "`URL` to report answers to; empty for none", emptyCounts: true,
			take: func(s *Settings, value string, given bool) error {
				if given {
					s.CallbackURL = &value
				}
				return nil
			}},
		{key: KeyCallbackMethod, usage: "`METHOD` of callbacks: POST or GET (default POST)", words: []string{"POST", "GET"},
			take: text(func(s *Settings) *string { return &s.CallbackMethod })},
		{key: KeyPush, usage: "`WHO` pushes to phones: authy or backend (default authy)", words: []string{"authy", "backend"},
			take: text(func(s *Settings) *string { return &s.Push })},
		{key: KeyDeterministic, usage: "`SEED` by which identifiers, tokens and codes repeat exactly; for tests only",
			take: nonEmpty(KeyDeterministic, func(s *Settings) *string { return &s.Deterministic })},
		{key: KeyClock, form: instant,
			usage: "`TIME` at which the server's clock stands still from the start, such as 2026-11-25T12:00:00Z",
			take:  nonEmpty(KeyClock, func(s *Settings) *string { return &s.Clock })},
	}
}

// networkSettings say whom the server sends to, and whom it serves.
func networkSettings() []setting {
	return []setting{
		{key: KeyDeliverTo,
			usage: "`NETWORKS` and hosts that callbacks, pushes and webhooks go to, and to no others: 10.0.0.0/8,*.ci.test",
			take:  text(func(s *Settings) *string { return &s.DeliverTo })},
		{key: KeyNoDeliverTo, usage: "`NETWORKS` and hosts that callbacks, pushes and webhooks never go to",
			take: text(func(s *Settings) *string { return &s.NoDeliverTo })},
		{key: KeyMaxConnections,
			usage: "`NUMBER` of connections from other machines at most, each having a quarter of them (default 4096)",
			take: func(s *Settings, value string, _ bool) (err error) {
				s.MaxConnections, err = numberOf(KeyMaxConnections, value)
				return err
			}},
		{key: KeyKeep, form: span,
			usage: "`TIME` that approval requests and all about them are kept once they have ended: 30d, 12h (default for ever)",
			take: func(s *Settings, value string, given bool) (err error) {
				if err := notEmpty(KeyKeep, value, given); err != nil || value == "" {
					return err
				}
				s.Keep, err = retentionOf(value)
				return err
			}},
	}
}

// upstreamSettings are of the bridge.
func upstreamSettings() []setting {
	return []setting{
		{key: KeyUpstream, usage: "other `SERVICE` that has the phones: verify, for Twilio's Verify (default this one has them)",
			words: []string{"verify"}, take: text(func(s *Settings) *string { return &s.Upstream })},
		{key: KeyUpstreamURL, form: httpURL, usage: "base `URL` of that service's API (default Twilio's own)",
			take: text(func(s *Settings) *string { return &s.UpstreamURL })},
		{key: KeyUpstreamService, form: oneWord, usage: "`SID` of the Verify service, VA…",
			take: text(func(s *Settings) *string { return &s.UpstreamService })},
		{key: KeyUpstreamWebhookURL, form: httpURL, usage: "`URL` at which Verify's webhooks reach this server, as Verify is told it",
			take: text(func(s *Settings) *string { return &s.UpstreamWebhookURL })},
		{key: KeyUpstreamAccountSID, form: oneWord, take: text(func(s *Settings) *string { return &s.UpstreamAccountSID })},
		{key: KeyUpstreamAuthToken, form: oneWord, take: text(func(s *Settings) *string { return &s.UpstreamAuthToken })},
	}
}

func logSettings() []setting {
	return []setting{
		{key: KeyLogLevel, initial: "info", usage: "least `LEVEL` of log lines: debug, info, warn or error",
			words: []string{"debug", "info", "warn", "error"}, take: text(func(s *Settings) *string { return &s.LogLevel })},
		{key: KeyLogFormat, initial: "text", usage: "`FORMAT` of log lines: text or json", words: []string{"text", "json"},
			take: text(func(s *Settings) *string { return &s.LogFormat })},
	}
}

// text is a setting that is taken as it is.
func text(field func(*Settings) *string) func(*Settings, string, bool) error {
	return func(s *Settings, value string, _ bool) error {
		*field(s) = value
		return nil
	}
}

// nonEmpty is a setting that cannot be given as empty: a script whose variable is not set would not notice that nothing
// repeats.
func nonEmpty(key string, field func(*Settings) *string) func(*Settings, string, bool) error {
	return func(s *Settings, value string, given bool) error {
		*field(s) = value
		return notEmpty(key, value, given)
	}
}

func notEmpty(key, value string, given bool) error {
	if given && value == "" {
		return fmt.Errorf("--%s is empty: give it a value, or leave it out", key)
	}
	return nil
}

// switchOf reads a setting that is on or off; otherwise is what an empty one is.
func switchOf(key, value string, otherwise bool) (bool, error) {
	if value == "" {
		return otherwise, nil
	}
	on, err := strconv.ParseBool(value)
	if err != nil {
		return false, fmt.Errorf("%s (or --%s) must be true or false, it is %q", Variable(key), key, value)
	}
	return on, nil
}

// numberOf reads a setting that is a number above 0; 0 when it is empty.
func numberOf(key, value string) (int, error) {
	if value == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s (or --%s) must be a number, 1 or more, it is %q", Variable(key), key, value)
	}
	return n, nil
}

// AddFlags gives a set the flags of some settings.
func AddFlags(flags *pflag.FlagSet, keys ...string) {
	for _, one := range table() {
		if !slices.Contains(keys, one.key) {
			continue
		}
		if one.isOn {
			flags.Bool(one.key, false, one.usage)
		} else {
			flags.String(one.key, one.initial, one.usage)
		}
	}
}

// Words are what a setting can be; nil when that is not told.
func Words(key string) []string {
	for _, one := range table() {
		if one.key == key {
			return one.words
		}
	}
	return nil
}

// Keys lists the names of all settings.
func Keys() []string {
	var keys []string
	for _, one := range table() {
		keys = append(keys, one.key)
	}
	slices.Sort(keys)
	return keys
}

// Variable is the environment variable of a setting.
func Variable(key string) string {
	if key == KeyServer {
		return "ONETOUCH_URL" // what `onetouch env` exports; a URL, as its neighbour AUTHY_API_URL
	}
	return "ONETOUCH_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
}
