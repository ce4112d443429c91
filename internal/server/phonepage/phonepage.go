// Package phonepage serves the page that makes a phone's browser a device: it registers with a key of its own, shows what is
// pending, and signs the answers. The page is a client of the device API as any other; the server trusts it no more.
package phonepage

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"path"
	"strconv"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/route"
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

// policy lets the page load nothing but itself, and speak to nobody but its own server. Pictures are the exception: an
// application's logo may be anywhere. The page asks its user before it loads one.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; manifest-src 'self'; " +
	"img-src 'self' http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// headers are those of every answer.
func headers() map[string]string {
	return map[string]string{
		"Content-Security-Policy":      policy,
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
		// A new version of the server has a new page. The tag makes asking cheap.
		"Cache-Control": "no-cache",
	}
}

// Routes lists what is served: the page with its parts, what it has to know about the server, and how to trust that.
func Routes(o Options) ([]route.Route, error) {
	routes := []route.Route{}
	add := func(name, kind string, content []byte) {
		routes = append(routes, route.Route{
			Method: http.MethodGet, Path: path.Join(Prefix, name), Access: route.Public, Handle: serve(kind, content),
		})
	}
	entries, err := files.ReadDir("page")
	if err != nil {
		return nil, fmt.Errorf("reading the page: %w", err)
	}
	for _, entry := range entries {
		content, err := files.ReadFile(path.Join("page", entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading the page: %w", err)
		}
		switch name := entry.Name(); name {
		case "index.html":
			add("", kindOf(name), content)
		case "trust.html":
			if content, err = fill(content, o); err != nil {
				return nil, err
			}
			add("trust", kindOf(name), content)
		default:
			add(name, kindOf(name), content)
		}
	}
	about, err := json.Marshal(map[string]string{"secure_url": o.SecureURL, "fingerprint": o.Fingerprint})
	if err != nil {
		return nil, fmt.Errorf("writing what the page has to know: %w", err)
	}
	add("server.json", "application/json", about)
	if o.Authority != nil {
		add("ca.crt", "application/x-x509-ca-cert", o.Authority)
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

// kindOf is the media type by the name of a file. The system's own table is not asked: it may say something else.
func kindOf(name string) string {
	switch extension := path.Ext(name); extension {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	default:
		return mime.TypeByExtension(extension)
	}
}

// serve answers with the content, or that it has not changed.
func serve(kind string, content []byte) http.HandlerFunc {
	sum := sha256.Sum256(content)
	tag := strconv.Quote(hex.EncodeToString(sum[:16]))
	return func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers() {
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}
