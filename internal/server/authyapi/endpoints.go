package authyapi

import (
	"net/http"
	"slices"

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
