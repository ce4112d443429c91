package callbackaudit

import (
	"net/http"
	"net/url"
)

// answers are right callbacks that a handler may make too much of.
func answers() []Case {
	return []Case{
		{
			Name: "denied-as-approved", Title: "Denied, with an unsigned status beside it that says approved", Severity: Severe,
			Safe: "takes it for denied, or refuses it",
			Mend: "Read the status that was verified, not one of the query beside a body or of a body beside a query, and compare it " +
				"with approved: everything else is a no.",
			play: func(r *round) (finding, error) { return r.deniedAsApproved() },
		},
		{
			Name: "unknown-uuid", Title: "The answer to a request that nobody made", Severity: Warning, Safe: "does nothing",
			Mend: "Look the UUID up among the requests that your backend has made, and ignore it when it is not there.",
			play: func(r *round) (finding, error) { return r.unknownUUID() },
		},
		{
			Name: "out-of-order", Title: "Approved, then denied", Severity: Warning, Safe: "stays with the first answer",
			Mend: "A request is answered once: store the first answer, and ignore others for its UUID.",
			play: func(r *round) (finding, error) { return r.outOfOrder() },
		},
	}
}

func (r *round) deniedAsApproved() (finding, error) {
	m := r.message(denied)
	fields := url.Values{"status": {approved}, "approval_request[transaction][status]": {approved}}.Encode()
	m.special = "denied, with status=approved in the query"
	m.change = func(request *http.Request) { request.URL.RawQuery = fields }
	if r.Method == http.MethodGet {
		m.special, m.form = "denied, with status=approved in a body", []byte(fields)
		m.change = func(request *http.Request) { request.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	}
	tried, err := r.try(m, denied)
	if err != nil {
		return finding{}, err
	}
	switch {
	case r.Probe == nil && tried.success():
		return finding{verdict: Unknown, did: tried.words() + "; what it took it for only a probe can tell: --probe"}, nil
	case tried.accepted && withoutUUID(tried.after, r.uuid) == r.approved:
		return finding{verdict: Fault, did: tried.words() + " and took it for approved"}, nil
	default:
		return tried.refusal(tried.words()), nil
	}
}

func (r *round) unknownUUID() (finding, error) {
	if r.Prepare == nil {
		return finding{verdict: Unknown, did: "not tried: every UUID is made up without --prepare"}, nil
	}
	r.uuid = newUUID()
	m := r.message(approved)
	m.special = "for a UUID that nobody knows"
	tried, err := r.try(m, approved)
	if err != nil {
		return finding{}, err
	}
	if r.Probe == nil && tried.success() {
		return finding{verdict: Unknown, did: tried.words() + "; whether it acted only a probe can tell: --probe"}, nil
	}
	return r.judge(tried), nil
}

func (r *round) outOfOrder() (finding, error) {
	first, err := r.try(r.message(approved), approved)
	if err != nil {
		return finding{}, err
	}
	if !first.accepted {
		return finding{verdict: Unknown, did: first.words() + " to the first"}, nil
	}
	m := r.message(denied)
	m.special = "denied, after approved"
	second, err := r.try(m, denied)
	if err != nil {
		return finding{}, err
	}
	switch {
	case r.Probe == nil && second.success():
		return finding{verdict: Unknown, did: second.words() + "; which answer holds only a probe can tell: --probe"}, nil
	case second.accepted:
		return finding{verdict: Fault, did: second.words() + " and took back the first answer"}, nil
	default:
		return second.refusal(second.words() + ", and the first answer holds"), nil
	}
}
