package config

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// form is how the text of a setting looks. A file is told what is wrong when it is written: read, it would stop every
// command. Whether the value is a good one is for those to say who use it.
type form string

const (
	oneLiner form = ""
	oneWord  form = "one word of printable characters"
	hostPort form = "HOST:PORT, such as " + DefaultAddr
	httpURL  form = "a URL that begins with http:// or https://"
	instant  form = "a time, such as 2026-11-25T12:00:00Z"
	span     form = "a length of time from 1m to 36500d, such as 30d or 12h"
)

// check refuses a text that the setting cannot have. An empty one is no value, except of an address.
func (f form) check(key, text string) error {
	switch {
	case !utf8.ValidString(text):
		return fmt.Errorf("%s is not valid UTF-8", key)
	case strings.ContainsFunc(text, unicode.IsControl):
		return fmt.Errorf("%s must be one line without control characters", key)
	case text == "" && f != hostPort, f == oneLiner, f.matches(text):
		return nil
	case Secret(key):
		return fmt.Errorf("%s must be %s", key, string(f))
	default:
		return fmt.Errorf("%s %q must be %s", key, text, string(f))
	}
}

func (f form) matches(text string) bool {
	switch f {
	case oneWord:
		return !strings.ContainsFunc(text, func(char rune) bool { return unicode.IsSpace(char) || !unicode.IsPrint(char) })
	case hostPort:
		return isHostPort(text)
	case httpURL:
		parsed, err := url.Parse(text)
		return err == nil && parsed.Host != "" && (parsed.Scheme == "http" || parsed.Scheme == "https")
	case instant:
		_, err := time.Parse(time.RFC3339, text)
		return err == nil
	case span:
		_, err := retentionOf(text)
		return err == nil
	default:
		return true
	}
}

// retentionOf reads how long something is kept: in whole days, or as Go writes durations.
func retentionOf(text string) (time.Duration, error) {
	keep, err := time.ParseDuration(text)
	if days, is := strings.CutSuffix(text, "d"); is {
		var number uint64
		number, err = strconv.ParseUint(days, 10, 16) // so many days are a duration yet
		keep = time.Duration(number) * 24 * time.Hour
	}
	if err != nil || keep < onetouch.ShortestRetention || keep > onetouch.LongestRetention {
		return 0, fmt.Errorf("%s (or --%s) must be %s, it is %q", Variable(KeyKeep), KeyKeep, string(span), text)
	}
	return keep, nil
}

// isHostPort takes a port by its number or, as a listener does, by the name of its service.
func isHostPort(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil || port == "" {
		return false
	}
	number, err := strconv.Atoi(port)
	return err != nil || number >= 0 && number <= 65535
}
