// Command generate writes the table of docs/threats.md: every route of the server with who may call it, from the router's
// own table. `go generate ./...` runs it; a test finds out when that was forgotten.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/phonepage"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/store"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: generate FILE")
	}
	if err := write(context.Background(), os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// write puts the table into the page, in place of the one that is there.
func write(ctx context.Context, path string) error {
	page, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	filled, err := fill(ctx, string(page))
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(filled), 0o644)
}

// Between these lines the page has the table.
const (
	begins = "<!-- Written by go generate ./internal/server: change the routes, not this table. -->\n"
	ends   = "<!-- The end of what is written. -->\n"
)

func fill(ctx context.Context, page string) (string, error) {
	before, rest, begun := strings.Cut(page, begins)
	_, after, ended := strings.Cut(rest, ends)
	if !begun || !ended {
		return "", errors.New("the page has no place for the table")
	}
	routes, err := routes(ctx)
	if err != nil {
		return "", err
	}
	return before + begins + table(routes) + ends + after, nil
}

// routes are those of a server that has all that one can have.
func routes(ctx context.Context) ([]route.Route, error) {
	s, err := server.Open(ctx, server.Options{
		Database: store.Memory, PhonePageOptions: phonepage.Options{Authority: []byte("any")},
	})
	if err != nil {
		return nil, err
	}
	return s.Routes(), s.Close()
}

// callers says who has the credential of each kind of access.
func callers() map[route.Access]string {
	return map[route.Access]string{
		route.Public:      "anybody",
		route.Application: "a backend, with the API key of its application",
		route.Manager:     "a backend, with API key, access key and a signature by the signing key of its application",
		route.Device:      "a device, with its access token",
		route.Account:     "a backend, with the account SID and auth token of the Verify API",
		route.Factor:      "a backend, with the account's; a device, with a JWT that its factor has signed",
		route.Newcomer:    "a backend, with the account's; a device, with an access token for a new factor",
		route.Operator:    "the operator, with the control token",
	}
}

// table has a row for each path and kind of access.
func table(routes []route.Route) string {
	var text strings.Builder
	text.WriteString("| route | methods | who may call it |\n|---|---|---|\n")
	for len(routes) > 0 {
		first := routes[0]
		alike := func(r route.Route) bool { return r.Path == first.Path && r.Access == first.Access }
		var methods []string
		for _, r := range routes {
			if alike(r) {
				methods = append(methods, r.Method)
			}
		}
		slices.Sort(methods)
		who := callers()[first.Access]
		if who == "" {
			who = string(first.Access)
		}
		fmt.Fprintf(&text, "| `%s` | %s | %s |\n", first.Path, strings.Join(methods, ", "), who)
		routes = slices.DeleteFunc(slices.Clone(routes), alike)
	}
	return text.String()
}
