// Package phonepage serves the page that makes a phone's browser a device: it registers with a key of its own, shows what is
// pending, and signs the answers. The page is a client of the device API as any other; the server trusts it no more.
package phonepage

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"

	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/webpage"
)

// Prefix is the base path of the page. A link that pairs a phone has the registration token behind the # of it, which no
// browser sends to a server.
const Prefix = "/phone"

// Options say what the page tells about the server.
type Options struct {
	// SecureURL is the base URL of the server over HTTPS; "": there is none.
	SecureURL string
	// Authority is the certificate in DER of who vouches for SecureURL, and what it is called.
	Authority     []byte
	AuthorityName string
	// Fingerprint is that of Authority, as the server's terminal shows it.
	Fingerprint string
}

//go:embed page
var files embed.FS

// page is what is served. An application's logo may be anywhere; the page asks its user before it loads one.
func page() webpage.Page {
	return webpage.Page{Prefix: Prefix, Policy: "manifest-src 'self'; img-src 'self' http: https:"}
}

// Routes lists what is served: the page with its parts, what it has to know about the server, and how to trust that.
func Routes(o Options) ([]route.Route, error) {
	p := page()
	routes, err := p.Routes(files, "page", func(name string, content []byte) (string, []byte, error) {
		if name != "trust.html" {
			return name, content, nil
		}
		filled, err := fill(content, o)
		return "trust", filled, err
	})
	if err != nil {
		return nil, err
	}
	about, err := json.Marshal(map[string]string{"secure_url": o.SecureURL, "fingerprint": o.Fingerprint})
	if err != nil {
		return nil, fmt.Errorf("writing what the page has to know: %w", err)
	}
	routes = append(routes, p.Route("server.json", "application/json", about))
	if o.Authority != nil {
		routes = append(routes, p.Route("ca.crt", "application/x-x509-ca-cert", o.Authority))
	}
	return routes, nil
}

// fill writes what is known of the server into a page.
func fill(content []byte, o Options) ([]byte, error) {
	page, err := template.New("").Parse(string(content))
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	var filled bytes.Buffer
	if err := page.Execute(&filled, o); err != nil {
		return nil, fmt.Errorf("writing the page: %w", err)
	}
	return filled.Bytes(), nil
}
