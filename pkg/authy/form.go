package authy

import (
	"bytes"
	"io"
	"net/url"
	"strconv"

	"github.com/onetouchkit/onetouch/pkg/approval"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// form is a body as authy-ruby writes it, with the brackets of Rails: user[email]=…. Unlike url.Values it keeps the
// order in which its fields were added, which is the order in which a phone shows the details.
type form []byte

func (f *form) add(name, value string) {
	if len(*f) > 0 {
		*f = append(*f, '&')
	}
	*f = append(append(append(*f, url.QueryEscape(name)...), '='), url.QueryEscape(value)...)
}

// addIfGiven leaves an empty value to the service's default.
func (f *form) addIfGiven(name, value string) {
	if value != "" {
		f.add(name, value)
	}
}

// addFlag leaves false to the service's default, which it is everywhere.
func (f *form) addFlag(name string, value bool) {
	if value {
		f.add(name, "true")
	}
}

func (f *form) addDetails(name string, list details.List) {
	for _, d := range list {
		f.add(name+"["+d.Name+"]", d.Value)
	}
}

func (f *form) addLogos(logos []approval.Logo) {
	for _, logo := range logos { // the first name again begins the next logo
		f.add("logos[][res]", logo.Resolution)
		f.add("logos[][url]", logo.URL)
	}
}

func (f *form) addSeconds(name string, seconds *int64) {
	if seconds != nil {
		f.add(name, strconv.FormatInt(*seconds, 10))
	}
}

// body is nil when there are no fields.
func (f form) body() io.Reader {
	if len(f) == 0 {
		return nil
	}
	return bytes.NewReader(f)
}
