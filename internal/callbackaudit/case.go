package callbackaudit

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"net/url"
	"time"

	"github.com/onetouchkit/onetouch/pkg/callback"
)

// Case is one way to attack a handler, or to be a bad network.
type Case struct {
	Name     string
	Title    string
	Severity Severity
	Safe     string // what a safe handler does
	Mend     string
	only     string // the method that it is for; empty: both
	play     func(*round) (finding, error)
}

// finding is the verdict of a case.
type finding struct {
	verdict  Verdict
	did      string
	severity Severity // where it is not that of the case
}

const (
	refuses   = "refuses it: 403, or 400"
	useVerify = "Verify every callback before anything else is done with it, such as by callback.Verifier of pkg/callback."
)

// Cases returns all cases, in the order in which they are played.
func Cases() []Case {
	var all []Case
	for _, group := range [][]Case{forgeries(), urls(), replays(), shapes(), answers(), network()} {
		all = append(all, group...)
	}
	return all
}

// refused plays a case of one message that must not be accepted.
func refused(craft func(*round) message) func(*round) (finding, error) {
	return func(r *round) (finding, error) {
		tried, err := r.try(craft(r), approved)
		if err != nil {
			return finding{}, err
		}
		return r.judge(tried), nil
	}
}

// judge calls whatever was accepted a fault.
func (r *round) judge(tried attempt) finding {
	switch {
	case tried.accepted && r.Probe != nil:
		return finding{verdict: Fault, did: tried.words() + " and acted on it"}
	case tried.accepted:
		return finding{verdict: Fault, did: tried.words()}
	case tried.success():
		return finding{verdict: Safe, did: tried.words() + ", but did nothing"}
	default:
		return tried.refusal(tried.words())
	}
}

// refusal is what a request comes to that was not accepted: a handler that has no time for it has not judged it.
func (o outcome) refusal(did string) finding {
	if o.busy() {
		return finding{verdict: Unknown, did: o.words() + ": it did not judge it; lift its limit for the audit"}
	}
	return finding{verdict: Safe, did: did}
}

// busy reports whether the answer says nothing about the callback, but that there are too many of them.
func (o outcome) busy() bool {
	return o.status == http.StatusTooManyRequests || o.status == http.StatusServiceUnavailable
}

func setSignature(text string) func(*http.Request) {
	return func(request *http.Request) { request.Header.Set(callback.SignatureHeader, text) }
}

// forgeries are callbacks of somebody who has no key.
func forgeries() []Case {
	forgery := func(name, title string, craft func(*round) message) Case {
		return Case{Name: name, Title: title, Severity: Severe, Safe: refuses, Mend: useVerify, play: refused(craft)}
	}
	return []Case{
		forgery("no-signature", "No signature", func(r *round) message {
			m := r.message(approved)
			m.special, m.change = "without a signature", func(request *http.Request) { request.Header.Del(callback.SignatureHeader) }
			return m
		}),
		forgery("empty-signature", "An empty signature", func(r *round) message {
			m := r.message(approved)
			m.special, m.change = "with an empty signature", setSignature("")
			return m
		}),
		forgery("other-body", "The signature of another callback", func(r *round) message {
			m := r.message(approved)
			m.special, m.signed = "with the signature of another callback", r.payload(newUUID(), denied)
			return m
		}),
		forgery("changed-status", "Denied, changed to approved", func(r *round) message {
			m := r.message(approved)
			m.special, m.signed = "signed as denied", r.payload(r.uuid, denied)
			return m
		}),
		forgery("swapped-uuid", "The answer to another request, under this UUID", func(r *round) message {
			m := r.message(approved)
			m.special, m.signed = "signed for another UUID", r.payload(newUUID(), approved)
			return m
		}),
		forgery("wrong-key", "Signed by another key", func(r *round) message {
			m := r.message(approved)
			m.special, m.key = "signed by another key", rand.Text()
			return m
		}),
	}
}

// foreignHost is a host that is nobody's: RFC 2606.
const foreignHost = "other.example"

// foreignURL is the URL of the handler, on another host.
func (r *round) foreignURL() string {
	u, err := url.Parse(r.PublicURL)
	if err != nil {
		return r.PublicURL // not reached: it was parsed before
	}
	u.Host = foreignHost
	return u.String()
}

// urls are callbacks that are right elsewhere, such as on a test system with the same key.
func urls() []Case {
	return []Case{
		{
			Name: "other-url", Title: "A callback that was signed for another URL", Severity: Severe, Safe: refuses,
			Mend: "Put the URL that the service was told into the string to sign.",
			play: refused(func(r *round) message {
				m := r.message(approved)
				m.special, m.url = "signed for "+foreignHost, r.foreignURL()
				return m
			}),
		},
		{
			Name: "other-host", Title: "The same, and the request claims to be for that host", Severity: Warning, Safe: refuses,
			Mend: "Verify with a URL that is configured (Verifier.URL), not with what the headers Host and X-Forwarded-Host say.",
			play: refused(func(r *round) message {
				m := r.message(approved)
				m.special, m.url = "signed for "+foreignHost+", with Host: "+foreignHost, r.foreignURL()
				m.change = func(request *http.Request) {
					request.Host = foreignHost
					request.Header.Set("X-Forwarded-Host", foreignHost)
				}
				return m
			}),
		},
	}
}

// staleBy is how old the old callback is.
const staleBy = time.Hour

// replays are right callbacks that come again.
func replays() []Case {
	return []Case{
		{
			Name: "stale-nonce", Title: "A callback that was signed an hour ago", Severity: Warning, Safe: refuses,
			Mend: "Refuse a nonce that is more than some minutes from now (Verifier.MaxAge).",
			play: refused(func(r *round) message {
				m := r.message(approved)
				m.special, m.at = "signed an hour ago", r.Now().Add(-staleBy)
				return m
			}),
		},
		{
			Name: "replayed-nonce", Title: "The very same request once more", Severity: Warning,
			Safe: "does nothing: answers 200, or 403",
			Mend: "Remember the signatures of the last minutes, and do nothing for those that come again; pkg/callback does.",
			play: func(r *round) (finding, error) { return r.twice(false) },
		},
		{
			Name: "same-twice", Title: "The same callback delivered twice, as after a lost answer", Severity: Severe,
			Safe: "answers 200 both times, and acts once",
			Mend: "Store the answer under its UUID, act in the same transaction, and answer 200 when it is there already.",
			play: func(r *round) (finding, error) { return r.twice(true) },
		},
	}
}

// needsProbe is what is said where only a probe tells.
const needsProbe = "whether it acted twice only a probe can tell: --probe"

// twice sends a right callback twice: as the service does, with a new nonce, or as somebody does who has overheard it.
func (r *round) twice(delivered bool) (finding, error) {
	m := r.message(approved)
	m.at = m.at.Add(-time.Second)
	first, err := r.try(m, approved)
	if err != nil {
		return finding{}, err
	}
	if !first.accepted {
		return finding{verdict: Unknown, did: first.words() + " to the first"}, nil
	}
	m.special = "once more"
	if delivered {
		m.at, m.special = m.at.Add(time.Second), "once more, with a new nonce"
	}
	second, err := r.try(m, approved)
	if err != nil {
		return finding{}, err
	}
	switch {
	case !delivered && (r.Probe != nil || !second.success()):
		return r.judge(second), nil
	case second.busy():
		return second.refusal(""), nil
	case !second.success():
		did := second.words() + " to the second, so that the service goes on sending it"
		return finding{verdict: Fault, severity: Warning, did: did}, nil
	case r.Probe == nil:
		return finding{verdict: Unknown, did: second.words() + "; " + needsProbe}, nil
	case second.accepted:
		return finding{verdict: Fault, did: second.words() + " and acted again"}, nil
	default:
		return finding{verdict: Safe, did: second.words() + ", but did nothing more"}, nil
	}
}

// shapes are right callbacks that two readers could take for different things.
func shapes() []Case {
	return []Case{
		{
			Name: "duplicate-keys", Title: "Denied, with a second status that says approved", Severity: Warning, Safe: "refuses it: 400",
			Mend: "Refuse a payload that has a name twice: what was verified and what is read may be different ones.",
			play: func(r *round) (finding, error) { return r.doubled() },
		},
		{
			Name: "other-method", Title: "A right callback by the other method", Severity: Note, Safe: "refuses it: 405, or 400",
			Mend: "Take the one method that the service was told to use (Verifier.Method, or the router's own way).",
			play: refused(func(r *round) message {
				m := r.message(approved)
				m.method = map[string]string{http.MethodPost: http.MethodGet, http.MethodGet: http.MethodPost}[m.method]
				m.special = "right, but by this method"
				return m
			}),
		},
		{
			Name: "content-type", Title: "JSON that says it is text", Severity: Note, only: http.MethodPost,
			Safe: "refuses it: 415, or 400",
			Mend: "Take application/json only: another reader may take other types for a form.",
			play: refused(func(r *round) message {
				m := r.message(approved)
				m.special = "right, but as text/plain"
				m.change = func(request *http.Request) { request.Header.Set("Content-Type", "text/plain") }
				return m
			}),
		},
	}
}

// doubled sends a denied callback to which a second status was added, in front of or behind the one that is signed.
func (r *round) doubled() (finding, error) {
	m := r.message(denied)
	m.special = "signed as denied, with a second status"
	if r.Method == http.MethodPost {
		m.sent = bytes.Replace(m.signed, []byte("{"), []byte(`{"status":"`+approved+`",`), 1)
	}
	m.change = func(request *http.Request) {
		if r.Method == http.MethodGet {
			request.URL.RawQuery += "&status=" + approved
		}
	}
	tried, err := r.try(m, denied)
	if err != nil {
		return finding{}, err
	}
	switch {
	case r.Probe == nil || !tried.accepted:
		return r.judge(tried), nil
	case withoutUUID(tried.after, r.uuid) == r.approved:
		return finding{verdict: Fault, severity: Severe, did: tried.words() + " and took it for approved"}, nil
	default:
		return finding{verdict: Safe, did: tried.words() + " and took it for denied, as it was signed"}, nil
	}
}
