package cli

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
)

// An HTTP archive, version 1.2. Source: http://www.softwareishard.com/blog/har-12-spec/.
type (
	harFile struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harCreator `json:"creator"`
		Entries []harEntry `json:"entries"`
	}
	harCreator struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		StartedDateTime time.Time   `json:"startedDateTime"`
		Time            float64     `json:"time"` // milliseconds: the sum of the timings
		Request         harRequest  `json:"request"`
		Response        harResponse `json:"response"`
		Cache           struct{}    `json:"cache"`
		Timings         harTimings  `json:"timings"`
		Comment         string      `json:"comment,omitempty"`
	}
	harRequest struct {
		Method      string       `json:"method"`
		URL         string       `json:"url"`
		HTTPVersion string       `json:"httpVersion"`
		Cookies     []struct{}   `json:"cookies"`
		Headers     []harPair    `json:"headers"`
		QueryString []harPair    `json:"queryString"`
		PostData    *harPostData `json:"postData,omitempty"`
		HeadersSize int          `json:"headersSize"`
		BodySize    int          `json:"bodySize"`
	}
	harPostData struct {
		MimeType string     `json:"mimeType"`
		Params   []struct{} `json:"params"`
		Text     string     `json:"text"`
	}
	harResponse struct {
		Status      int        `json:"status"`
		StatusText  string     `json:"statusText"`
		HTTPVersion string     `json:"httpVersion"`
		Cookies     []struct{} `json:"cookies"`
		Headers     []harPair  `json:"headers"`
		Content     harContent `json:"content"`
		RedirectURL string     `json:"redirectURL"`
		HeadersSize int        `json:"headersSize"`
		BodySize    int        `json:"bodySize"`
		Error       string     `json:"_error,omitempty"` // as Chrome writes it
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harTimings struct { // milliseconds; -1: there was no such phase
		Blocked float64 `json:"blocked"`
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"` // with TLS
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

const unknownSize = -1

// harUsage is what --har says of itself.
const harUsage = "write the exchanges to this `FILE` as an HTTP archive (HAR 1.2), which browsers read; - for the standard output"

// writeHAR writes the archive of some deliveries to a file, or to the standard output for "-".
func writeHAR(s *output.Streams, file, version string, deliveries ...controlapi.Delivery) error {
	content, err := harOf(version, deliveries...)
	if err != nil {
		return err
	}
	if file == "-" {
		return writeLines(s, string(content))
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return failedWith(ExitFailed, "writing the archive: %w", err)
	}
	return nil
}

// harOf is the archive of the attempts of some deliveries, as they came one after the other.
func harOf(version string, deliveries ...controlapi.Delivery) ([]byte, error) {
	file := harFile{harLog{Version: "1.2", Creator: harCreator{"onetouch", version}, Entries: []harEntry{}}}
	for _, d := range deliveries {
		for _, a := range d.Attempts {
			if a.Request != nil {
				file.Log.Entries = append(file.Log.Entries, harEntryOf(a))
			}
		}
	}
	slices.SortStableFunc(file.Log.Entries, func(a, b harEntry) int { return a.StartedDateTime.Compare(b.StartedDateTime) })
	return json.MarshalIndent(file, "", "  ")
}

func harEntryOf(a controlapi.Attempt) harEntry {
	entry := harEntry{
		StartedDateTime: a.StartedAt, Request: harRequestOf(*a.Request), Response: harResponseOf(a),
		Timings: harTimingsOf(a.Phases),
	}
	for _, ms := range []float64{
		entry.Timings.DNS, entry.Timings.Connect, entry.Timings.Send, entry.Timings.Wait, entry.Timings.Receive,
	} {
		entry.Time += max(ms, 0)
	}
	if !a.Request.Same {
		entry.Comment = "The application or the device has changed since: what was sent may differ."
	}
	return entry
}

// harRequestOf leaves out the password of a URL: an archive is made to be passed on.
func harRequestOf(r controlapi.Sent) harRequest {
	h := harRequest{
		Method: r.Method, URL: r.URL, HTTPVersion: "HTTP/1.1", Cookies: []struct{}{}, Headers: []harPair{}, QueryString: []harPair{},
		HeadersSize: unknownSize, BodySize: len(r.Body),
	}
	if u, err := url.Parse(r.URL); err == nil {
		u.User = nil
		h.URL, h.QueryString = u.String(), harQuery(u.RawQuery)
	}
	kind := ""
	for _, header := range r.Headers {
		if header.Name == "Authorization" {
			continue
		}
		if header.Name == "Content-Type" {
			kind = header.Value
		}
		h.Headers = append(h.Headers, harPair(header))
	}
	if r.Body != "" {
		h.PostData = &harPostData{MimeType: kind, Params: []struct{}{}, Text: r.Body}
	}
	return h
}

// harQuery are the parameters in their order.
func harQuery(query string) []harPair {
	pairs := []harPair{}
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		if part != "" && errName == nil && errValue == nil {
			pairs = append(pairs, harPair{name, value})
		}
	}
	return pairs
}

func harResponseOf(a controlapi.Attempt) harResponse {
	h := harResponse{
		Status: a.StatusCode, StatusText: http.StatusText(a.StatusCode), HTTPVersion: "HTTP/1.1", Cookies: []struct{}{},
		Headers: []harPair{}, HeadersSize: unknownSize, BodySize: unknownSize, Error: a.Error,
		Content: harContent{Size: len(a.Response), Text: a.Response},
	}
	for _, header := range a.ResponseHeaders {
		switch header.Name {
		case "Content-Type":
			h.Content.MimeType = header.Value
		case "Location":
			h.RedirectURL = header.Value
		}
		h.Headers = append(h.Headers, harPair(header))
	}
	return h
}

func harTimingsOf(p controlapi.Phases) harTimings {
	t := harTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1, Send: p.SendMS, Wait: p.WaitMS, Receive: p.ReceiveMS}
	if p.LookupMS > 0 {
		t.DNS = p.LookupMS
	}
	if p.ConnectMS > 0 {
		t.Connect = p.ConnectMS + p.TLSMS
	}
	if p.TLSMS > 0 {
		t.SSL = p.TLSMS
	}
	return t
}
