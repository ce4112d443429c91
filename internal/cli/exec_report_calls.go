package cli

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

// execCalls are the calls that a report tells of, as they come: a test suite may make very many.
type execCalls struct {
	listed []reportedCall
	polled map[reportedCall]bool // the GETs among them
	hits   []reportedFault
}

func newExecCalls() execCalls {
	return execCalls{listed: []reportedCall{}, polled: map[reportedCall]bool{}, hits: []reportedFault{}}
}

func (e *execCalls) add(call controlapi.Call) {
	if call.Fault != "" {
		e.hits = append(e.hits, reportedFault{
			API: call.API, Method: call.Method, Path: struckPath(call), RequestUUID: call.RequestUUID, Fault: call.Fault,
		})
	}
	if call.API != traffic.Authy {
		return
	}
	one := reportedCall{
		Method: call.Method, Path: call.Path, Status: call.Status, ErrorCode: call.ErrorCode, Fault: call.Fault,
		RequestUUID: call.RequestUUID,
	}
	if !call.RequestCut {
		one.Request = reportedBody(call.RequestBody)
	}
	if call.Status >= http.StatusBadRequest {
		one.Response = strings.TrimSpace(call.ResponseBody)
	}
	if e.polled[one] {
		return
	}
	if call.Method == http.MethodGet {
		e.polled[one] = true
	}
	e.listed = append(e.listed, one)
}

// reportedBody is a body as two runs have it. A multipart form has a boundary that is another one each time.
func reportedBody(body string) string {
	if strings.HasPrefix(body, "--") {
		return ""
	}
	return withoutPorts(body)
}

// faults lists the hits: those of calls by the backend in their order, and then the others, which come when they come.
func (e *execCalls) faults() []reportedFault {
	slices.SortStableFunc(e.hits, func(a, b reportedFault) int {
		if a.API == traffic.Authy && b.API == traffic.Authy {
			return 0
		}
		return cmp.Or(cmp.Compare(a.API, b.API), cmp.Compare(a.RequestUUID, b.RequestUUID), cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Fault, b.Fault))
	})
	return e.hits
}

// struckPath is where a call that a fault struck went: a path of the service or, for what the service sends, a URL.
func struckPath(call controlapi.Call) string {
	if call.API == traffic.Pushes || call.API == traffic.Callbacks {
		return reportedURL(call.Path)
	}
	return call.Path
}
