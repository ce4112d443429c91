package traffic

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// redacted stands for a secret.
const redacted = "…"

// isSecret reports whether the value of a parameter or member is a secret: keys of applications, tokens of devices, and codes
// of users. The Authy API also says token where it means whether one is valid, and the device API code for that of an error.
func isSecret(name, value string) bool {
	switch name {
	case "token":
		return !strings.Contains(value, " ")
	case "code", "AuthPayload": // else it is the word for an error, or a signature
		return !strings.ContainsFunc(value, unicode.IsLetter)
	case "uri":
		return strings.HasPrefix(value, "otpauth:")
	default:
		return slices.Contains(secretNames, name)
	}
}

func isDigits(text string) bool {
	return !strings.ContainsFunc(text, func(char rune) bool { return !unicode.IsDigit(char) })
}

var secretNames = []string{
	"api_key", "app_api_key", "access_key", "signing_key", "api_signing_key", "access_token", "registration_token",
	"verification_code", "custom_code", "secret", "totp_secret", "qr_code", "password", "Binding.Secret",
}

func withoutSecretsOfHeaders(headers []Header) []Header {
	headers = slices.Clone(headers)
	for i, h := range headers {
		if slices.Contains(secretHeaders[:], h.Name) {
			headers[i].Value = redacted
		}
	}
	return headers
}

// withoutSecretsOfPath takes what a route calls a token or a file of a QR code out of a path, and the secrets out of its
// query. A path that no route takes may be a misspelt one: what could be a code is taken out of it.
func withoutSecretsOfPath(target, pattern string) string {
	path, query, hasQuery := strings.Cut(target, "?")
	names := strings.FieldsFunc(pattern, isSlash)
	parts := strings.FieldsFunc(path, isSlash)
	if len(names) == len(parts) && (slices.Contains(names, "{token}") || slices.Contains(names, "{file}")) {
		for i, name := range names {
			if name == "{token}" || name == "{file}" {
				parts[i] = redacted
			}
		}
		path = "/" + strings.Join(parts, "/")
	}
	if pattern == "" {
		path = withoutCodes(path)
	}
	if !hasQuery {
		return path
	}
	return path + "?" + withoutSecretsOfForm(query)
}

// leastCode is how many digits a one-time code has at least. The codes of phone verifications, which can be shorter, are
// never in a path.
const leastCode = 6

// withoutCodes takes the parts out of a path that are nothing but digits, and enough of them for a code.
func withoutCodes(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if len(part) >= leastCode && isDigits(part) {
			parts[i] = redacted
		}
	}
	return strings.Join(parts, "/")
}

func isSlash(char rune) bool { return char == '/' }

// withoutSecrets takes the secrets out of a body, which may end anywhere.
func withoutSecrets(body string) string {
	switch begins := strings.TrimSpace(body); {
	case strings.HasPrefix(begins, "{"), strings.HasPrefix(begins, "["):
		return replaced(jsonMembers, body, `"`+redacted+`"`)
	case strings.HasPrefix(begins, "<"):
		return replaced(xmlElements, body, redacted)
	case strings.HasPrefix(begins, "--"):
		return replaced(formParts, body, redacted)
	default:
		return withoutSecretsOfForm(body)
	}
}

// Each has the name as its second group and the value as its fourth.
var (
	jsonMembers = pattern(`(")([a-z_]+)("\s*:\s*)("(?:[^"\\]|\\.)*"?|[0-9]+)`)
	xmlElements = pattern(`(<)([a-z_-]+)(>|\s[^>]*>)([^<]+)`)
	formParts   = pattern(`(name=")([a-z_]+)("[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n)([^\r\n]+)`)
)

func replaced(pattern func() *regexp.Regexp, text, with string) string {
	return pattern().ReplaceAllStringFunc(text, func(match string) string {
		part := pattern().FindStringSubmatch(match)
		if !isSecret(strings.ReplaceAll(part[2], "-", "_"), strings.Trim(part[4], `"`)) {
			return match
		}
		return part[1] + part[2] + part[3] + with
	})
}

// withoutSecretsOfForm takes the secrets out of a form, or a query.
func withoutSecretsOfForm(form string) string {
	pairs := strings.Split(form, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		bare, err := url.QueryUnescape(name)
		if err != nil {
			bare = name
		}
		if value != "" && isSecret(bare, value) {
			pairs[i] = name + "=" + redacted
		}
	}
	return strings.Join(pairs, "&")
}
