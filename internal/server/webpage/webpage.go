// Package webpage serves the files of a page that is built into the program: as they are, under a strict policy, and cached
// no longer than they are the same.
package webpage

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/onetouchkit/onetouch/internal/server/route"
)

// shared are parts that several pages have: how foreign text is shown, how an answer is held.
//
//go:embed shared
var shared embed.FS

// Page is one page with its parts.
type Page struct {
	Prefix string // base path, such as /phone
	// Policy is what the page may do beside loading its own scripts and styles and speaking to its own server, as further
	// directives of a Content-Security-Policy, such as img-src 'self'.
	Policy string
}

// policy lets a page load nothing but itself, and speak to nobody but its own server. Text never becomes HTML or a script.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Headers are those of every answer.
func (p Page) Headers() map[string]string {
	return map[string]string{
		"Content-Security-Policy":      strings.TrimSuffix(policy+"; "+p.Policy, "; "),
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

// Routes serves each file of a folder below the prefix, index.html at the prefix itself, and the shared parts beside them.
// fill may change what is served, and under which name; nil leaves all as it is.
func (p Page) Routes(
	files fs.FS, folder string, fill func(name string, content []byte) (as string, filled []byte, err error),
) ([]route.Route, error) {
	routes := []route.Route{}
	for _, from := range []struct {
		files  fs.FS
		folder string
	}{{files, folder}, {shared, "shared"}} {
		entries, err := fs.ReadDir(from.files, from.folder)
		if err != nil {
			return nil, fmt.Errorf("reading the page: %w", err)
		}
		for _, entry := range entries {
			name := entry.Name()
			content, err := fs.ReadFile(from.files, path.Join(from.folder, name))
			if err != nil {
				return nil, fmt.Errorf("reading the page: %w", err)
			}
			kind := kinds()[path.Ext(name)]
			if kind == "" {
				return nil, fmt.Errorf("reading the page: nobody says what kind of file %s is", name)
			}
			if fill != nil {
				if name, content, err = fill(name, content); err != nil {
					return nil, err
				}
			}
			routes = append(routes, p.Route(strings.TrimSuffix(name, "index.html"), kind, content))
		}
	}
	return routes, nil
}

// Route serves one content.
func (p Page) Route(name, kind string, content []byte) route.Route {
	return route.Route{
		Method: http.MethodGet, Path: path.Join(p.Prefix, name), Access: route.Public, Handle: p.serve(kind, content),
	}
}

// kinds are the media types of files, by how their names end. The system's own table is not asked: it may say something else,
// and reading it would hold up the start of every server.
func kinds() map[string]string {
	return map[string]string{
		".html": "text/html; charset=utf-8",
		".css":  "text/css; charset=utf-8",
		".js":   "text/javascript; charset=utf-8",
		".svg":  "image/svg+xml",
	}
}

// serve answers with the content, or that it has not changed.
func (p Page) serve(kind string, content []byte) http.HandlerFunc {
	tag := sync.OnceValue(func() string {
		sum := sha256.Sum256(content)
		return strconv.Quote(hex.EncodeToString(sum[:16]))
	})
	return func(w http.ResponseWriter, r *http.Request) {
		for name, value := range p.Headers() {
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("ETag", tag())
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}
