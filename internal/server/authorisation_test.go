package server_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// try is what to try of a route with a good credential: the things of another application, or of another user. Of the words in
// capitals see [newParties]. A route that names nothing of anybody's says why none can be reached.
type try struct {
	because string // there is nothing to try: why
	target  string // "": the route's own path, with foreign in place of what it names
	foreign string
	body    string
	status  int
	says    string
}

// theirs names something of another application's, in the path.
func theirs(foreign, says string) []try {
	return []try{{foreign: foreign, status: http.StatusNotFound, says: says}}
}

func nothing(because string) []try { return []try{{because: because}} }

// tries has a row for each route of every family.
func tries() map[string][]try {
	const (
		ownKey   = "acts on the application of the key alone"
		ownPhone = "acts on the device of the token alone"
		operator = "the operator may see and change all"
		user     = `"error_code":"60026"`
		unknown  = `"error_code":"60049"`
	)
	rows := map[string][]try{
		"POST /protected/{format}/users/new":                    nothing(ownKey),
		"GET /protected/{format}/users/{id}/status":             theirs("USER", user),
		"POST /protected/{format}/users/{id}/delete":            theirs("USER", user),
		"POST /protected/{format}/users/{id}/remove":            theirs("USER", user),
		"POST /protected/{format}/users/delete/{id}":            theirs("USER", user),
		"POST /protected/{format}/users/{id}/update":            {{foreign: "USER", body: `{"email":"x@y.test"}`, status: 404, says: user}},
		"POST /protected/{format}/users/{id}/register_activity": {{foreign: "USER", body: `{"type":"banned"}`, status: 404, says: user}},
		"POST /protected/{format}/users/{id}/secret":            {{foreign: "USER", body: `{"label":"x"}`, status: 404, says: user}},
		"GET /protected/{format}/verify/{token}/{id}":           {{target: "/protected/json/verify/1234567/USER?force=true", status: 404, says: `"error_code"`}},
		"GET /protected/{format}/sms/{id}":                      theirs("USER", user),
		"GET /protected/{format}/call/{id}":                     theirs("USER", user),
		"POST /protected/{format}/email/{id}":                   theirs("USER", user),
		"POST /protected/{format}/phones/verification/start":    nothing("starts one of its own: numbers of telephones are no application's"),
		"GET /protected/{format}/phones/verification/check": {{
			target: "/protected/json/phones/verification/check?country_code=1&phone_number=2025550188&verification_code=1234",
			status: 404, says: `"error_code":"60023"`,
		}},
		"GET /protected/{format}/phones/verification/status": {{
			target: "/protected/json/phones/verification/status?country_code=1&phone_number=2025550188", status: 404,
			says: `"error_code":"60023"`,
		}},
		"GET /protected/{format}/phones/info":                  nothing("is made up from the number"),
		"POST /onetouch/{format}/users/{id}/approval_requests": {{foreign: "USER", body: `{"message":"x"}`, status: 404, says: user}},
		"GET /onetouch/{format}/approval_requests/{uuid}":      theirs("REQUEST", unknown),
		"POST /protected/{format}/sdk/registrations":           {{body: `{"authy_id":"USER"}`, status: 404, says: user}},
		"GET /protected/{format}/registrations/status":         {{target: "/protected/json/registrations/status?custom_user_id=USER", status: 404, says: user}},
		"DELETE /protected/{format}/sdk/devices/{id}":          theirs("DEVICE", `"error_code":"60092"`),
		"GET /protected/{format}/app/details":                  nothing(ownKey),
		"GET /protected/{format}/app/stats":                    nothing(ownKey),
		"POST /dashboard/{format}/application/webhooks":        nothing(ownKey),
		"GET /dashboard/{format}/application/webhooks":         nothing(ownKey),
		"DELETE /dashboard/{format}/application/webhooks/{id}": theirs("WEBHOOK", `"error_code":"60100"`),
		"DELETE /dashboard/{format}/application/webhooks":      {{target: "/dashboard/json/application/webhooks?webhook_id=WEBHOOK", status: 404, says: `"error_code":"60100"`}},
		"GET /device/v1/approval_requests":                     nothing(ownPhone),
		"GET /device/v1/approval_requests/{uuid}":              {{foreign: "REQUEST", status: 404, says: unknown}, {foreign: "BOBS", status: 404, says: unknown}},
		"POST /device/v1/approval_requests/{uuid}/response":    {{foreign: "REQUEST", body: `{"jws":"THEIR_PROOF"}`, status: 404, says: unknown}, {foreign: "BOBS", body: `{"jws":"PROOF"}`, status: 404, says: unknown}},
		"GET /device/v1/events":                                nothing(ownPhone),
		"POST /device/v1/pushes/received":                      {{body: `{"approval_request_uuid":"REQUEST"}`, status: 404, says: unknown}, {body: `{"approval_request_uuid":"BOBS"}`, status: 404, says: unknown}},
		"PUT /device/v1/push":                                  nothing(ownPhone),
		"PUT /device/v1/device":                                nothing(ownPhone),
		"DELETE /device/v1/device":                             nothing(ownPhone),
		"GET /device/v1/time":                                  nothing(ownPhone),
		"GET /device/v1/device":                                nothing(ownPhone),
		"GET /control/v1/events":                               nothing(operator),
		"GET /control/v1/traffic":                              nothing(operator),
		"GET /control/v1/traffic/{id}":                         nothing(operator),
		"GET /control/v1/snapshot":                             nothing(operator),
		"POST /control/v1/snapshot":                            nothing(operator),
		"GET /control/v1/server":                               nothing(operator),
		"GET /control/v1/account":                              nothing(operator),
		"POST /control/v1/applications":                        nothing(operator),
		"GET /control/v1/applications/{called}":                nothing(operator),
		"PATCH /control/v1/applications/{called}":              nothing(operator),
		"POST /control/v1/applications/{called}/ping":          nothing(operator),
		"GET /control/v1/users":                                nothing(operator),
		"GET /control/v1/users/{id}":                           nothing(operator),
		"GET /control/v1/users/{id}/authenticator":             nothing(operator),
		"GET /control/v1/devices":                              nothing(operator),
		"GET /control/v1/devices/{id}":                         nothing(operator),
		"GET /control/v1/approval_requests":                    nothing(operator),
		"GET /control/v1/approval_requests/{uuid}":             nothing(operator),
		"GET /control/v1/approval_requests/{uuid}/evidence":    nothing(operator),
		"POST /control/v1/approval_requests/{uuid}/answer":     nothing(operator),
		"GET /control/v1/phones":                               nothing(operator),
		"GET /control/v1/approval_requests/{uuid}/diagram":     nothing(operator),
		"GET /metrics":                                         nothing(operator),
		"GET /debug/pprof/{profile}":                           nothing(operator),
		"GET /control/v1/deliveries":                           nothing(operator),
		"GET /control/v1/deliveries/counts":                    nothing(operator),
		"GET /control/v1/deliveries/{id}":                      nothing(operator),
		"POST /control/v1/deliveries/{id}/replay":              nothing(operator),
		"GET /control/v1/standing":                             nothing(operator),
		"POST /control/v1/hosted_phones":                       nothing(operator),
		"POST /control/v1/pairings":                            nothing(operator),
		"GET /control/v1/pairings/{id}":                        nothing(operator),
		"GET /control/v1/messages":                             nothing(operator),
		"POST /control/v1/fixtures":                            nothing(operator),
		"POST /control/v1/reset":                               nothing(operator),
		"GET /control/v1/clock":                                nothing(operator),
		"POST /control/v1/clock/freeze":                        nothing(operator),
		"POST /control/v1/clock/resume":                        nothing(operator),
		"POST /control/v1/clock/advance":                       nothing(operator),
		"POST /control/v1/clock/set":                           nothing(operator),
		"GET /control/v1/faults":                               nothing(operator),
		"POST /control/v1/faults":                              nothing(operator),
		"DELETE /control/v1/faults":                            nothing(operator),
		"DELETE /control/v1/faults/{id}":                       nothing(operator),
	}
	maps.Copy(rows, triesOfVerify())
	return rows
}

// triesOfVerify are those of the Verify API, with the account's credentials: through our service nothing of another one can be
// reached, and through our entity nothing of another one.
func triesOfVerify() map[string][]try {
	const (
		account  = "the account owns all services"
		services = "/v2/Services"
		service  = services + "/{service}"
		entity   = service + "/Entities/{identity}"
		ours     = services + "/SERVICE"
		ada, eve = ours + "/Entities/OUR_ENTITY", ours + "/Entities/THEIR_ENTITY"
	)
	not := func(body string, targets ...string) (rows []try) {
		for _, target := range targets {
			rows = append(rows, try{target: target, body: body, status: http.StatusNotFound, says: `"code":20404`})
		}
		return rows
	}
	factors := []string{ada + "/Factors/BOBS_FACTOR", ada + "/Factors/THEIR_FACTOR", eve + "/Factors/THEIR_FACTOR"}
	challenges := []string{ada + "/Challenges/BOBS_CHALLENGE", ada + "/Challenges/THEIR_CHALLENGE", eve + "/Challenges/THEIR_CHALLENGE"}
	return map[string][]try{
		"POST " + services:                    nothing(account),
		"GET " + services:                     nothing(account),
		"GET " + service:                      nothing(account),
		"POST " + service:                     nothing(account),
		"DELETE " + service:                   nothing(account),
		"POST " + service + "/Entities":       nothing(account),
		"GET " + service + "/Entities":        nothing(account),
		"GET " + entity:                       not("", eve),
		"DELETE " + entity:                    not("", eve),
		"POST " + entity + "/Factors":         nothing("makes the entity that it names"),
		"GET " + entity + "/Factors":          not("", eve+"/Factors"),
		"GET " + entity + "/Factors/{sid}":    not("", factors...),
		"POST " + entity + "/Factors/{sid}":   not("FriendlyName=x", factors...),
		"DELETE " + entity + "/Factors/{sid}": not("", factors...),
		"POST " + entity + "/Challenges": append(not("FactorSid=BOBS_FACTOR&Details.Message=x", ada+"/Challenges"),
			not("FactorSid=THEIR_FACTOR&Details.Message=x", ada+"/Challenges", eve+"/Challenges")...),
		"GET " + entity + "/Challenges":        not("", eve+"/Challenges", ada+"/Challenges?FactorSid=BOBS_FACTOR"),
		"GET " + entity + "/Challenges/{sid}":  not("", challenges...),
		"POST " + entity + "/Challenges/{sid}": not("AuthPayload=ANSWER", challenges...),
		"POST " + entity + "/Challenges/{sid}/Notifications": not("", challenges[0]+"/Notifications", challenges[1]+"/Notifications",
			challenges[2]+"/Notifications"),
		"POST " + service + "/AccessTokens":      nothing(account),
		"GET " + service + "/AccessTokens/{sid}": not("", ours+"/AccessTokens/THEIR_TOKEN"),
		"POST " + service + "/Webhooks":          nothing(account),
		"GET " + service + "/Webhooks":           nothing(account),
		"GET " + service + "/Webhooks/{sid}":     not("", ours+"/Webhooks/THEIR_HOOK"),
		"POST " + service + "/Webhooks/{sid}":    not("FriendlyName=x", ours+"/Webhooks/THEIR_HOOK"),
		"DELETE " + service + "/Webhooks/{sid}":  not("", ours+"/Webhooks/THEIR_HOOK"),
	}
}

// refusals are what a stranger hears, by the beginning of the path and the kind of access.
func refusals() []struct {
	prefix string
	access route.Access
	says   string
} {
	return []struct {
		prefix string
		access route.Access
		says   string
	}{
		{"/device/v1", route.Device, `"code":"access_token_invalid"`},
		{"/v2", route.Account, `"code":20003`},
		{"/v2", route.Factor, `"code":20003`},
		{"/v2", route.Newcomer, `"code":20003`},
		{"/control/v1", route.Operator, `"code":"not_authorised"`},
		{"/metrics", route.Operator, `"code":"not_authorised"`},
		{"/debug/pprof", route.Operator, `"code":"not_authorised"`},
		{"/protected", route.Application, `"error_code":"60001"`},
		{"/onetouch", route.Application, `"error_code":"60001"`},
		{"/dashboard", route.Manager, `"error_code":"60073"`},
	}
}

var named = regexp.MustCompile(`\{[a-z]+\}`)

// TestAuthorisation is made from the router's own table. It tries each route with no credential, a wrong one, those of everybody
// else, and revoked ones; then, with a good one, the things of another application and of another user. Every try is refused,
// in the shape of the API that was asked, tells nothing and changes nothing.
//
// It fails for a route without a row in tries; a public one is named by [TestPublicRoutes].
func TestAuthorisation(t *testing.T) {
	t.Parallel()
	p := newParties(t)
	before := sound(p.Service().LastEvent(t.Context()))(t)
	rows, seen := tries(), map[string]bool{}
	for _, r := range p.Routes() {
		name := r.Method + " " + r.Path
		seen[name] = true
		if r.Access == route.Public {
			continue
		}
		if rows[name] == nil {
			t.Errorf("%s has no row in tries: say what of another application's, or of another user's, to try on it", name)
			continue
		}
		p.tryCredentials(t, r)
		for _, one := range rows[name] {
			p.tryForeign(t, r, one)
		}
	}
	for name := range rows {
		if !seen[name] {
			t.Errorf("%s has a row in tries, and there is no such route", name)
		}
	}
	for _, event := range sound(p.Service().Events(t.Context(), onetouch.EventFilter{After: before}))(t) {
		if event.Type != onetouch.EventVerificationMissing || event.AppID != p.ours.ID { // which changes nothing, and tells us of us
			t.Errorf("the refusals have changed something: %+v", event)
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d routes", len(seen))
	}
}

// tryCredentials knocks with every credential that is not the route's own.
func (p *parties) tryCredentials(t *testing.T, r route.Route) {
	t.Helper()
	target := named.ReplaceAllString(strings.ReplaceAll(r.Path, "{format}", "json"), "1")
	all := p.credentials()
	all["revoked"] = nil
	for _, h := range p.revoked {
		all["revoked"] = append(all["revoked"], h)
	}
	for who, headers := range all {
		for _, h := range headers {
			if p.opens(r.Access, h) {
				continue
			}
			p.mustRefuse(t, r, string(who), p.call(t, r.Method, target, h, ""), http.StatusUnauthorized, p.refusalOf(t, r))
			if r.Method == http.MethodGet {
				if got := p.call(t, http.MethodHead, target, h, ""); got.status != http.StatusUnauthorized {
					t.Errorf("HEAD %s: %s gets %d", r.Path, who, got.status)
				}
			}
		}
	}
	if r.Access == route.Manager {
		p.tryManagers(t, r, target)
	}
	if strings.Contains(r.Path, "{format}") {
		xml := p.call(t, r.Method, strings.Replace(target, "/json/", "/xml/", 1), nil, "")
		if xml.status != http.StatusUnauthorized || !strings.Contains(xml.body, "<error-code>600") {
			t.Errorf("%s in XML: %d %s", r.Path, xml.status, xml.body)
		}
	}
}

// tryManagers knocks with some of the keys that a manager needs, and with another application's.
func (p *parties) tryManagers(t *testing.T, r route.Route, target string) {
	t.Helper()
	for who, c := range map[string]struct {
		key, access, signing string
		status               int
		says                 string
	}{
		"another's access key":     {apiKey, p.theirs.AccessKey, p.ours.SigningKey, 401, `"error_code":"60072"`},
		"no access key":            {apiKey, "", p.ours.SigningKey, 401, `"error_code":"60071"`},
		"another's signing key":    {apiKey, p.ours.AccessKey, p.theirs.SigningKey, 403, `"error_code":"60087"`},
		"another's API key":        {p.theirs.APIKey, p.ours.AccessKey, p.ours.SigningKey, 401, `"error_code":"60072"`},
		"the API key as signing":   {apiKey, p.ours.AccessKey, apiKey, 403, `"error_code":"60087"`},
		"the control token as key": {controlToken, p.ours.AccessKey, p.ours.SigningKey, 401, `"error_code":"60073"`},
	} {
		got := p.manages(t, r.Method, target, c.key, c.access, c.signing)
		if c.status == 403 {
			// It repeats what the client itself has sent, keys and all, for it to see what has to be signed.
			if got.status != c.status || !strings.Contains(got.body, c.says) || strings.Contains(got.body, p.ours.SigningKey) {
				t.Errorf("%s %s: %s gets %d %s", r.Method, r.Path, who, got.status, got.body)
			}
			continue
		}
		p.mustRefuse(t, r, who, got, c.status, c.says)
	}
}

// tryForeign asks with a good credential for what is somebody else's.
func (p *parties) tryForeign(t *testing.T, r route.Route, one try) {
	t.Helper()
	if one.because != "" {
		if regexp.MustCompile(`\{(id|uuid|sid)\}`).MatchString(r.Path) && r.Access != route.Operator {
			t.Errorf("%s %s names something: try another's", r.Method, r.Path)
		}
		return
	}
	target := one.target
	if target == "" {
		target = named.ReplaceAllString(strings.ReplaceAll(r.Path, "{format}", "json"), one.foreign)
	}
	target, body := p.names.Replace(target), p.names.Replace(one.body)
	var got answered
	switch r.Access {
	case route.Manager:
		got = p.manages(t, r.Method, target, apiKey, p.ours.AccessKey, p.ours.SigningKey)
	case route.Device:
		got = p.call(t, r.Method, target, bearer(p.phone.AccessToken), body)
	case route.Account, route.Factor:
		header := p.accounts()
		header.Set("Content-Type", "application/x-www-form-urlencoded")
		got = p.call(t, r.Method, target, header, body)
	default:
		got = p.call(t, r.Method, target, http.Header{"X-Authy-Api-Key": {apiKey}}, body)
	}
	p.mustRefuse(t, r, "who asks for another's", got, one.status, one.says)
}

func (p *parties) refusalOf(t *testing.T, r route.Route) string {
	t.Helper()
	for _, one := range refusals() {
		if strings.HasPrefix(r.Path, one.prefix) && r.Access == one.access {
			return one.says
		}
	}
	t.Errorf("%s %s: refusals do not say what a stranger hears", r.Method, r.Path)
	return ""
}

func (p *parties) mustRefuse(t *testing.T, r route.Route, who string, got answered, status int, says string) {
	t.Helper()
	if got.status != status || !strings.Contains(got.body, says) {
		t.Errorf("%s %s: %s gets %d %s, want %d with %s", r.Method, r.Path, who, got.status, got.body, status, says)
	}
	for _, secret := range p.secrets {
		if strings.Contains(got.body, secret) {
			t.Errorf("%s %s: %s is told %q: %s", r.Method, r.Path, who, secret, got.body)
		}
	}
}

// What the tries of the Verify API ask for is there: asked for where it belongs, it is shown.
func TestAuthorisationOfVerify(t *testing.T) {
	t.Parallel()
	p := newParties(t)
	for _, target := range []string{
		"/v2/Services/SERVICE/Entities/OUR_ENTITY", "/v2/Services/SERVICE/Entities/BOBS_ENTITY/Factors/BOBS_FACTOR",
		"/v2/Services/SERVICE/Entities/BOBS_ENTITY/Challenges/BOBS_CHALLENGE",
		"/v2/Services/THEIR_SERVICE/Entities/THEIR_ENTITY/Factors/THEIR_FACTOR",
		"/v2/Services/THEIR_SERVICE/Entities/THEIR_ENTITY/Challenges/THEIR_CHALLENGE",
		"/v2/Services/THEIR_SERVICE/AccessTokens/THEIR_TOKEN", "/v2/Services/THEIR_SERVICE/Webhooks/THEIR_HOOK",
	} {
		if got := p.call(t, http.MethodGet, p.names.Replace(target), p.accounts(), ""); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", target, got.status, got.body)
		}
	}
}

// The keys of an application that is suspended open nothing, and say so to whoever has them.
func TestAuthorisationOfSuspendedApplication(t *testing.T) {
	t.Parallel()
	p := newParties(t)
	suspended := true
	sound(p.Service().UpdateApplication(t.Context(), p.theirs.ID, onetouch.ApplicationSettings{Suspended: &suspended}))(t)
	for _, r := range p.Routes() {
		if r.Access != route.Application {
			continue
		}
		target := named.ReplaceAllString(strings.ReplaceAll(r.Path, "{format}", "json"), "1")
		got := p.call(t, r.Method, target, http.Header{"X-Authy-Api-Key": {p.theirs.APIKey}}, "")
		p.mustRefuse(t, r, "a suspended application", got, http.StatusServiceUnavailable, `"error_code":"60061"`)
	}
}

// The operator's calls are for callers on the server's own machine where the server is open to others, whatever they know.
func TestAuthorisationOfRemoteOperator(t *testing.T) {
	t.Parallel()
	s := run(t, server.Options{Database: ":memory:", LocalControl: true})
	for _, r := range s.Routes() {
		if r.Access != route.Operator {
			continue
		}
		request := httptest.NewRequest(r.Method, "http://localhost"+named.ReplaceAllString(r.Path, "1"), nil)
		request.Header = bearer(controlToken)
		request.Header.Set("X-Forwarded-For", "127.0.0.1")
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, request)
		if answer.Code != http.StatusUnauthorized {
			t.Errorf("%s %s from %s gets %d", r.Method, r.Path, request.RemoteAddr, answer.Code)
		}
	}
}
