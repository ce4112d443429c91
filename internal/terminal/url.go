package terminal

import (
	"net/url"
	"strings"
)

// URL is a URL as people may see it, on a screen that others see too: without the password, or a user name that stands
// alone and may be a token, and with … for the values in its query.
func URL(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return unreadable(address)
	}
	if _, hasPassword := parsed.User.Password(); parsed.User != nil && !hasPassword {
		parsed.User = url.User("xxxxx")
	}
	parsed.RawQuery = withoutValues(parsed.RawQuery)
	return parsed.Redacted()
}

// unreadable is what can be shown of what is no URL, perhaps because of a password that is not written as it must be: that is
// before the last @, and a query is the likeliest place of another secret.
func unreadable(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		scheme, _, hasScheme := strings.Cut(address[:at], "://")
		address = "…" + address[at:]
		if hasScheme {
			address = scheme + "://" + address
		}
	}
	before, _, _ := strings.Cut(address, "?")
	return before
}

// withoutValues keeps the names in a query. What has no name may be a secret as well.
func withoutValues(query string) string {
	if query == "" {
		return ""
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, named := strings.Cut(pair, "=")
		if pairs[i] = "…"; named {
			pairs[i] = name + "=…"
		}
	}
	return strings.Join(pairs, "&")
}
