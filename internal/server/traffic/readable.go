package traffic

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// readable is a call for people.
func (c *call) readable() Call {
	shown := c.Call
	shown.Path = withoutSecretsOfPath(c.Path, c.Route)
	shown.Request = message(c.Request, c.request)
	shown.Response = message(c.Response, c.response)
	answer := string(c.response)
	if c.Status >= 400 {
		shown.ErrorCode = first(errorCodes, answer)
	}
	if shown.RequestUUID == "" && strings.HasSuffix(c.Route, "/approval_requests") && c.Method == "POST" {
		shown.RequestUUID = first(uuids, answer)
	}
	if c.API == Authy {
		shown.AuthyID, shown.DeviceID = c.about(answer)
	}
	return shown
}

// Where an answer says what it is about, in JSON and in XML.
var (
	errorCodes = pattern(`(?:"error_code":\s*"|<error-code>|<error_code>)([0-9]+)`)
	uuids      = pattern(`(?:"uuid":\s*"|<uuid>)([0-9a-f-]{36})`)
	newUsers   = pattern(`(?:"user":\s*\{\s*"id":\s*|<user>\s*<id[^>]*>)([0-9]+)`)
)

// pattern is compiled when it is needed first: most programs that have a log of traffic in them never look into one.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

func first(pattern func() *regexp.Regexp, text string) string {
	if found := pattern().FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// about is the user and the device that a call of the Authy API is about.
func (c *call) about(answer string) (authyID, deviceID int64) {
	id, _ := strconv.ParseInt(c.pathID, 10, 64) // what is no number is nobody
	switch {
	case strings.Contains(c.Route, "/devices/{id}"):
		return 0, id
	case strings.Contains(c.Route, "webhooks"):
		return 0, 0
	case strings.HasSuffix(c.Route, "/users/new"):
		id, _ = strconv.ParseInt(first(newUsers, answer), 10, 64)
	}
	return id, 0
}

func message(m Message, beginning []byte) Message {
	m.Headers = withoutSecretsOfHeaders(m.Headers)
	m.Cut = m.Size > int64(len(beginning))
	if text, is := asText(beginning, m.Cut); is {
		m.Body = withoutSecrets(text)
	} else {
		m.Cut = m.Size > 0
	}
	return m
}

// asText is a body as text, when it is text. The last character may have been cut in two.
func asText(content []byte, cut bool) (string, bool) {
	for range utf8.UTFMax - 1 {
		if !cut || utf8.Valid(content) {
			break
		}
		content = content[:max(0, len(content)-1)]
	}
	return string(content), utf8.Valid(content) && !strings.Contains(string(content), "\x00")
}
