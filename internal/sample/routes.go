package sample

import (
	"bytes"
	"embed"
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

//go:embed page
var files embed.FS

// routes is the whole table of calls.
func (b *Bank) routes() []Route {
	routes := append(pageRoutes(),
		Route{Method: http.MethodGet, Path: "/session", answer: b.lookAround},
		Route{Method: http.MethodGet, Path: "/changes", raw: http.HandlerFunc(b.stream)},
		Route{Method: http.MethodPost, Path: "/signup", Changes: true, answer: b.signUp},
		Route{Method: http.MethodPost, Path: "/login", Changes: true, answer: b.logIn},
		Route{Method: http.MethodPost, Path: "/login/passwordless", Changes: true, answer: b.logInWithoutPassword},
		Route{Method: http.MethodPost, Path: "/login/finish", Changes: true, answer: b.finishLogin},
		Route{Method: http.MethodPost, Path: "/login/cancel", Changes: true, answer: b.cancelLogin},
		Route{Method: http.MethodPost, Path: "/logout", Changes: true, LoggedIn: true, answer: b.logOut},
		Route{Method: http.MethodPost, Path: "/registration", Changes: true, LoggedIn: true, answer: b.register},
		Route{Method: http.MethodPost, Path: "/phones/{holder}", Changes: true, LoggedIn: true, answer: b.lendPhone},
		Route{Method: http.MethodPost, Path: "/transfers", Changes: true, LoggedIn: true, answer: b.transfer},
		Route{Method: http.MethodPost, Path: "/transfers/{id}/change", Changes: true, LoggedIn: true, answer: b.changeTransfer},
		Route{Method: http.MethodPost, Path: "/transfers/{id}/cancel", Changes: true, LoggedIn: true, answer: b.cancelTransfer},
	)
	if b.options.Answers == ByPoll {
		return routes
	}
	called := callback.Handler(b.verifier, b.called)
	return append(routes, // the service is set to one of the two
		Route{Method: http.MethodPost, Path: CallbackPath, raw: called},
		Route{Method: http.MethodGet, Path: CallbackPath, raw: called},
	)
}

// pageRoutes are the files of the page.
func pageRoutes() []Route {
	var routes []Route
	entries, err := files.ReadDir("page")
	if err != nil {
		panic(err) // they are part of the program
	}
	for _, entry := range entries {
		content, err := files.ReadFile("page/" + entry.Name())
		if err != nil {
			panic(err)
		}
		target := "/" + entry.Name()
		if target == "/index.html" {
			target = "/{$}"
		}
		routes = append(routes, Route{Method: http.MethodGet, Path: target, raw: serveFile(entry.Name(), content)})
	}
	return routes
}

func serveFile(name string, content []byte) http.Handler {
	kind := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".js" { // some systems say something else
		kind = "text/javascript; charset=utf-8"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
}
