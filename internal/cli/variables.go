package cli

import (
	"fmt"
	"strings"

	"github.com/onetouchkit/onetouch/internal/config"
)

// backendVariable is an environment variable that tells a backend about the server.
type backendVariable struct {
	name  string
	about string // a line of help
	of    func(shownEnv) string
}

// backendVariables are all of them: 'onetouch env' prints them, 'onetouch exec' sets them.
func backendVariables() []backendVariable {
	url := func(e shownEnv) string { return e.URL }
	key := func(e shownEnv) string { return e.APIKey }
	return []backendVariable{
		{"AUTHY_API_URL", "where the API is, for a client whose base URL can be set", url},
		{"AUTHY_API_KEY", "the API key of the application", key},
		{"ACCOUNT_SECURITY_API_KEY", "the same, as Twilio's Account Security samples call it", key},
		{"TWILIO_ACCOUNT_SID", "the account, for clients of the Verify API", func(e shownEnv) string { return e.AccountSID }},
		{"TWILIO_AUTH_TOKEN", "its auth token", func(e shownEnv) string { return e.AuthToken }},
		{"TWILIO_VERIFY_SERVICE_SID", "the application, which is a service there", func(e shownEnv) string { return e.ServiceSID }},
		{config.Variable(config.KeyServer), "which server the commands of this program reach", url},
	}
}

// aboutVariables is the list for a help text.
func aboutVariables() string {
	var text strings.Builder
	for _, one := range backendVariables() {
		fmt.Fprintf(&text, "  %-25s %s\n", one.name, one.about)
	}
	return text.String()
}
