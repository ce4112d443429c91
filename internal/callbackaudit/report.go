package callbackaudit

import "time"

// Severity says how bad a fault is.
type Severity string

// The severities. Only a severe fault lets a stranger decide, or money move twice.
const (
	Severe  Severity = "severe"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Verdict is what a case has found.
type Verdict string

// The verdicts.
const (
	Safe    Verdict = "safe"
	Fault   Verdict = "fault"
	Unknown Verdict = "unknown" // Did says why, and what would tell
)

// Exchange is one request that was sent.
type Exchange struct {
	Request string `json:"request"` // method, URL and what is special about it
	Nonce   string `json:"nonce"`
	Status  int    `json:"status"` // of the answer; 0: none
	Error   string `json:"error"`  // why there was no answer
}

// Result is what one case has found.
type Result struct {
	Case     string        `json:"case"`
	Title    string        `json:"title"`
	Severity Severity      `json:"severity"` // of the fault that was found, or would have been
	Verdict  Verdict       `json:"verdict"`
	Safe     string        `json:"safe"` // what a safe handler does
	Did      string        `json:"did"`  // what this one did
	Mend     string        `json:"mend"` // how to mend it; "" when there is nothing to mend
	UUID     string        `json:"uuid"` // of the approval request
	Sent     []Exchange    `json:"sent"`
	Took     time.Duration `json:"-"`
}

// Report is what an audit has found.
type Report struct {
	URL       string `json:"url"`
	PublicURL string `json:"public_url"` // that was signed
	Method    string `json:"method"`
	Probed    bool   `json:"probed"`
	// Told is false when the handler refuses what is right, so that nothing can be told from what else it refuses. The first
	// result says so.
	Told    bool     `json:"told"`
	Severe  int      `json:"severe"`
	Warning int      `json:"warning"`
	Note    int      `json:"note"`
	Safe    int      `json:"safe"`
	Unknown int      `json:"unknown"`
	Results []Result `json:"results"`
}

func (r *Report) add(result Result) {
	r.Results = append(r.Results, result)
	switch {
	case result.Verdict == Safe:
		r.Safe++
	case result.Verdict == Unknown:
		r.Unknown++
	case result.Severity == Severe:
		r.Severe++
	case result.Severity == Warning:
		r.Warning++
	default:
		r.Note++
	}
}

// Passed reports whether the handler has no severe fault that the audit could find.
func (r Report) Passed() bool { return r.Told && r.Severe == 0 }
