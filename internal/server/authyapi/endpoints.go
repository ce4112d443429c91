package authyapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/route"
)

// Endpoint describes one call: the routes, docs/compatibility.md and the tests of wrong parameters are made from it.
type Endpoint struct {
	Method     string
	Path       string
	Access     route.Access
	Does       string
	Parameters []Parameter
	Source     string // who sends it, or where its answer is on record
	Ours       string // what of its answer is our choice, because no source has it
	handle     handler
	// show writes an answer that is neither JSON nor XML, in place of handle.
	show func(*API, http.ResponseWriter, *call) error
}

// bridges reports whether the call can be made of a server whose phones are at another service: it is about them and has a
// counterpart there, or it has nothing to do with them.
func (e Endpoint) bridges() bool {
	for _, ours := range []string{"/verify/", "/sms/", "/call/", "/email/", "/phones/", "/secret", qrPath, "/registrations/status"} {
		if strings.Contains(e.Path, ours) {
			return false
		}
	}
	return true
}

// Endpoints lists every call of the API.
func Endpoints() []Endpoint {
	endpoints := slices.Concat(userEndpoints(), tokenEndpoints(), phoneEndpoints(), approvalRequestEndpoints(),
		deviceEndpoints(), applicationEndpoints(), webhookEndpoints())
	for i := range endpoints {
		if endpoints[i].Access == "" {
			endpoints[i].Access = route.Application
		}
	}
	return endpoints
}
