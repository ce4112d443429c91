package authyapi_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/phonetest"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/codes"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/server/deviceapi"
	"github.com/onetouchkit/onetouch/internal/server/fault"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/pkg/evidence"
)

// elsewhere are refusals that no call of these APIs can be brought to here, and where they are tested.
func elsewhere() map[onetouch.Code]string {
	return map[onetouch.Code]string{
		onetouch.CodeStorageFull:        "internal/store fills a file system",
		onetouch.CodeStorageUnavailable: "internal/store opens files that are none of its own",
		onetouch.CodeDeliveryNotFound:   "internal/delivery: no call names a delivery",
		problem.CodeHostNotServed:       "internal/server looks at host names",
		problem.CodeTooManyGuesses:      "internal/server counts wrong credentials",
		onetouch.CodeApplicationNeeded:  "internal/server/verifyapi deletes applications, but not the first",
		onetouch.CodeCredentialsInvalid: "internal/server/verifyapi has credentials of an account",
		onetouch.CodeEntityExists:       "internal/server/verifyapi adds entities",
		onetouch.CodeFactorUnverified:   "internal/server/verifyapi has factors",
		problem.CodeNoCounterpart:       "internal/server has its phones elsewhere, as with the next two",
		problem.CodeUpstreamLimit:       "internal/server: the other service has a limit",
		problem.CodeUpstreamUnavailable: "internal/server: the other service fails",
	}
}

// otherWords are refusals that share a number with others, or that only devices and operators see, and say what is wrong or
// what to do rather than what the number means. All other messages are the table's, or begin with it and say more.
func otherWords() []onetouch.Code {
	return []onetouch.Code{
		onetouch.CodeTooManyChecks, onetouch.CodeTooManyAPICalls, // which limit
		onetouch.CodePhoneVerificationInvalid, onetouch.CodeWebhookInvalid, onetouch.CodeInvalidEncoding, // in the words of 60004
		onetouch.CodePhoneVerificationNotFound, // which number
		problem.CodeNotFound, problem.CodeMethodNotAllowed, problem.CodeFaultNotFound, problem.CodeCallNotFound,
		problem.CodeNotAuthorised,
		problem.CodeServerStopping, onetouch.CodeEvidenceNotFound,
		onetouch.CodeRegistrationExpired, onetouch.CodeRegistrationUsed, onetouch.CodeAccessTokenInvalid,
		onetouch.CodePublicKeyInvalid, onetouch.CodePushPlatformUnknown, onetouch.CodeTokenMalformed,
		onetouch.CodeChallengeMismatch, onetouch.CodeIssuedAtSkewed,
	}
}

// Each code that our behaviour can produce is produced by it: the table is walked, row by row.
func TestErrorTable(t *testing.T) {
	t.Parallel()
	producers := producers()
	walked := 0
	for _, row := range codes.Table() {
		for _, refusal := range row.Refusals {
			if elsewhere()[refusal] != "" {
				continue
			}
			walked++
			t.Run(row.Number+" "+string(refusal), func(t *testing.T) {
				t.Parallel()
				produce := producers[refusal]
				if produce == nil {
					t.Fatal("nothing produces it")
				}
				a := produce(t, newService(t))
				r := refusalOf(t, a)
				if a.status != problem.StatusOf(refusal) || r.ErrorCode != row.Number || r.Message == "" {
					t.Errorf("got %s, want %d and %s", a, problem.StatusOf(refusal), row.Number)
				}
				same := strings.HasPrefix(r.Message, strings.TrimSuffix(row.Message, "."))
				if same == slices.Contains(otherWords(), refusal) {
					t.Errorf("it says %q, the table %q", r.Message, row.Message)
				}
				if wait, err := strconv.Atoi(a.header.Get("Retry-After")); (a.status == 429) != (err == nil && wait > 0) {
					t.Errorf("%s has Retry-After %q", a, a.header.Get("Retry-After"))
				}
				if row.Basis == codes.Recorded && a.status != row.Status {
					t.Errorf("the status on record is %d", row.Status)
				}
			})
		}
	}
	if walked < 50 || walked != len(producers) {
		t.Errorf("%d refusals are in the table, %d are produced", walked, len(producers))
	}
}

type produce = func(*testing.T, *service) answer

// get and post call with the application's key; %d is a user's Authy ID.
func get(path string) produce { return calling("GET", path) }

func post(path string) produce { return calling("POST", path) }

func calling(method, path string) produce {
	return func(t *testing.T, s *service) answer {
		t.Helper()
		if strings.Contains(path, "%d") {
			return s.call(t, method, strings.ReplaceAll(path, "%d", decimal(s.addUser(t))), "", "")
		}
		return s.call(t, method, path, "", "")
	}
}

// with changes the application before it calls.
func with(settings onetouch.ApplicationSettings, call produce) produce {
	return func(t *testing.T, s *service) answer {
		t.Helper()
		s.change(t, settings)
		return call(t, s)
	}
}

func twice(call produce) produce {
	again := call
	return after(call, again)
}

// after makes several calls, and answers the last.
func after(calls ...produce) produce {
	return func(t *testing.T, s *service) (last answer) {
		t.Helper()
		for _, call := range calls {
			last = call(t, s)
		}
		return last
	}
}

func limited(l onetouch.LimitSettings, call produce) produce {
	return with(onetouch.ApplicationSettings{LimitSettings: l}, twice(call))
}

// producers bring the APIs to each refusal.
func producers() map[onetouch.Code]produce {
	const (
		verify = "/protected/json/verify/000000/%d?force=true"
		phone  = "phone_number=775-461-5609&country_code=1"
		start  = "/protected/json/phones/verification/start?" + phone
		check  = "/protected/json/phones/verification/check?" + phone + "&verification_code=none"
	)
	one, yes, no := 1, true, false
	all := map[onetouch.Code]produce{
		onetouch.CodeAPIKeyInvalid: func(t *testing.T, s *service) answer {
			return s.do(t, "GET", "/protected/json/app/details?api_key=wrong", nil, nil)
		},
		onetouch.CodeInvalidRequest: func(t *testing.T, s *service) answer {
			return s.call(t, "GET", "/protected/json/app/details", jsonType, "{")
		},
		onetouch.CodeInvalidParameter: get("/protected/json/phones/info?phone_number=1"),
		onetouch.CodeInvalidEncoding:  get("/protected/json/phones/info?phone_number=%ff"),
		problem.CodeNotFound:          get("/protected/json/nothing"),
		problem.CodeMethodNotAllowed:  post("/protected/json/app/details"),
		problem.CodeBodyTooLarge: func(t *testing.T, s *service) answer {
			return s.call(t, "POST", start, formType, strings.Repeat("a", 2<<20))
		},
		onetouch.CodeTooManyTokens:               limited(onetouch.LimitSettings{TokensPerHour: &one}, get("/protected/json/sms/%d")),
		onetouch.CodeTooManyChecks:               limited(onetouch.LimitSettings{FailuresPerHour: &one}, get(verify)),
		onetouch.CodeTooManyAPICalls:             limited(onetouch.LimitSettings{APICallsPerMinute: &one}, get("/protected/json/app/details")),
		onetouch.CodeSMSDailyLimit:               limited(onetouch.LimitSettings{SMSPerDay: &one}, get("/protected/json/sms/%d")),
		onetouch.CodeSMSMonthlyLimit:             limited(onetouch.LimitSettings{SMSPerMonth: &one}, get("/protected/json/sms/%d")),
		onetouch.CodeCallsDailyLimit:             limited(onetouch.LimitSettings{CallsPerDay: &one}, get("/protected/json/call/%d")),
		onetouch.CodeCallsMonthlyLimit:           limited(onetouch.LimitSettings{CallsPerMonth: &one}, get("/protected/json/call/%d")),
		onetouch.CodeCallsDisabled:               with(onetouch.ApplicationSettings{CallsEnabled: &no}, get("/protected/json/call/%d")),
		onetouch.CodeSMSDisabled:                 with(onetouch.ApplicationSettings{SMSEnabled: &no}, get("/protected/json/sms/%d")),
		problem.CodeUserDoesNotExist:             get("/protected/json/verify/000000/1"),
		onetouch.CodeUserSuspended:               after(post("/protected/json/users/%d/register_activity?type=banned"), get(verify)),
		onetouch.CodeTokenInvalid:                get(verify),
		onetouch.CodeTokenReused:                 reuseToken,
		onetouch.CodePhoneVerificationNotCreated: post(start + "&custom_code=1234"),
		onetouch.CodeCustomMessageNotAllowed:     post(start + "&custom_message=Hello"),
		onetouch.CodePhoneVerificationInvalid:    post(start + "&via=pigeon"),
		onetouch.CodePhoneVerificationIncorrect:  after(post(start), get(check)),
		onetouch.CodePhoneVerificationNotFound:   get(check),
		onetouch.CodePhoneNumberInvalid:          get("/protected/json/phones/info?phone_number=123&country_code=1"),
		onetouch.CodeSMSToLandline: with(onetouch.ApplicationSettings{StrictPhoneNumbers: &yes},
			post("/protected/json/phones/verification/start?phone_number=20+7946+0018&country_code=44")),
		onetouch.CodeUserNotFound:            get("/protected/json/users/1/status"),
		onetouch.CodeUserNotValid:            post("/protected/json/users/new"),
		onetouch.CodeEmailInvalid:            post("/protected/json/users/%d/update?email=ada"),
		onetouch.CodeApprovalRequestNotFound: get("/onetouch/json/approval_requests/none"),
		onetouch.CodeUserWithoutDevice: with(onetouch.ApplicationSettings{RequireDevice: &yes},
			post("/onetouch/json/users/%d/approval_requests?message=m")),
		onetouch.CodeApplicationSuspended:  with(onetouch.ApplicationSettings{Suspended: &yes}, get("/protected/json/app/details")),
		onetouch.CodeApplicationKeyInvalid: get(hooks),
		onetouch.CodeAccessKeyMissing:      get(hooks + "?app_api_key=the+key+of+Acme"),
		onetouch.CodeAccessKeyInvalid:      get(hooks + "?app_api_key=the+key+of+Acme&access_key=wrong"),
		onetouch.CodeSignatureInvalid:      get(hooks + "?app_api_key=the+key+of+Acme&access_key=access+the+key+of+Acme"),
		onetouch.CodeWebhookInvalid:        managing("POST", hooks),
		onetouch.CodeWebhookNotFound:       managing("DELETE", hooks+"/WH_none"),
		onetouch.CodeDeviceNotFound:        calling("DELETE", "/protected/json/sdk/devices/1"),
		onetouch.CodeRegistrationNotFound:  get("/protected/json/registrations/status?custom_user_id=%d"),
		onetouch.CodeAuthenticatorNotFound: get("/qr_codes/none.png"),
		onetouch.CodeQRCodeFailed: with(onetouch.ApplicationSettings{Name: strings.Repeat("🚀", 30)},
			post("/protected/json/users/%d/secret?label="+strings.Repeat("%F0%9F%9A%80", 200))),
		onetouch.CodeInternal: func(t *testing.T, s *service) answer {
			must(t, s.db.Close())
			return get("/protected/json/app/details")(t, s)
		},
	}
	for code, produce := range deviceProducers() {
		all[code] = produce
	}
	for code, produce := range operatorProducers() {
		all[code] = produce
	}
	return all
}

func reuseToken(t *testing.T, s *service) answer {
	t.Helper()
	m := sentToken(t, s)
	path := fmt.Sprintf("/protected/json/verify/%s/%s?force=true", m.values["token"], m.values["id"])
	return twice(get(path))(t, s)
}

// managing calls the dashboard API with the keys that it wants.
func managing(method, path string) produce {
	return func(t *testing.T, s *service) answer {
		t.Helper()
		const keys = "access_key=access+the+key+of+Acme&app_api_key=the+key+of+Acme"
		return s.do(t, method, path+"?"+keys, signedBy(s.app.SigningKey, "1", method, s.url+path, keys), nil)
	}
}

// beside serves another API of the same service.
func (s *service) beside(t *testing.T, api route.Family) string {
	t.Helper()
	server := httptest.NewServer(route.Handler(api))
	t.Cleanup(server.Close)
	return server.URL
}

// asDevice calls the device API.
func (s *service) asDevice(t *testing.T, method, path, accessToken, body string) answer {
	t.Helper()
	stopping := make(chan struct{})
	close(stopping)
	device := *s
	device.url = s.beside(t, deviceapi.New(s.Service, deviceapi.Options{Stopping: stopping}).Family())
	header := http.Header{"Authorization": {"Bearer " + accessToken}, "Content-Type": {jsonType}}
	return device.do(t, method, "/device/v1"+path, header, strings.NewReader(body))
}

// registering registers a device, after something was done to its token and to what it sends.
func registering(prepare func(*testing.T, *service, string), spoil ...string) produce {
	return func(t *testing.T, s *service) answer {
		t.Helper()
		token, err := s.StartRegistration(t.Context(), s.app.ID, s.addUser(t))
		must(t, err)
		prepare(t, s, token)
		key, err := evidence.GenerateKey(evidence.ES256)
		must(t, err)
		sent, err := phonetest.NewDevice(key, token)
		must(t, err)
		body := fmt.Sprintf(`{"registration_token":%q,"public_key":%s,"proof":%q,"push":{"type":"none"}}`, token, sent.PublicKey, sent.Proof)
		return s.asDevice(t, "POST", "/registrations", "", strings.NewReplacer(spoil...).Replace(body))
	}
}

// answering answers an approval request with a statement that was spoiled.
func answering(spoil func(*service, *evidence.Statement)) produce {
	return func(t *testing.T, s *service) answer {
		t.Helper()
		device := s.addPhone(t, s.addUser(t), "android")
		seconds := int64(60)
		n := transfer()
		n.SecondsToExpire = &seconds
		r := s.ask(t, device.AuthyID, n)
		statement, err := device.Statement(r, evidence.Approved, s.clock.Now())
		must(t, err)
		spoil(s, &statement)
		jws, err := evidence.Sign(device.Key, statement)
		must(t, err)
		path, body := "/approval_requests/"+r.UUID+"/response", fmt.Sprintf(`{"jws":%q}`, jws)
		first := s.asDevice(t, "POST", path, device.AccessToken, body)
		if first.status != 200 {
			return first
		}
		return s.asDevice(t, "POST", path, device.AccessToken, body)
	}
}

func deviceProducers() map[onetouch.Code]produce {
	nothing := func(*testing.T, *service, string) {}
	use := func(t *testing.T, s *service, token string) { s.register(t, token, "ios") }
	late := func(_ *testing.T, s *service, _ string) { s.clock.Advance(time.Hour) }
	return map[onetouch.Code]produce{
		onetouch.CodeAccessTokenInvalid: func(t *testing.T, s *service) answer {
			return s.asDevice(t, "GET", "/approval_requests", "wrong", "")
		},
		onetouch.CodeRegistrationUsed:          registering(use),
		onetouch.CodeRegistrationExpired:       registering(late),
		onetouch.CodePublicKeyInvalid:          registering(nothing, `"P-256"`, `"P-257"`),
		onetouch.CodePushPlatformUnknown:       registering(nothing, `"none"`, `"pigeon"`),
		onetouch.CodeApprovalRequestNotPending: answering(func(*service, *evidence.Statement) {}),
		onetouch.CodeApprovalRequestExpired:    answering(func(s *service, _ *evidence.Statement) { s.clock.Advance(time.Minute) }),
		onetouch.CodeDigestMismatch:            answering(func(_ *service, e *evidence.Statement) { e.DetailsSHA256 = strings.Repeat("0", 64) }),
		onetouch.CodeIssuedAtSkewed:            answering(func(_ *service, e *evidence.Statement) { e.IssuedAt -= 301 }),
		onetouch.CodeTokenMalformed:            answering(func(_ *service, e *evidence.Statement) { e.DeviceID++ }),
		onetouch.CodeChallengeMismatch:         answering(func(_ *service, e *evidence.Statement) { e.Challenge += "x" }),
		problem.CodeServerStopping: func(t *testing.T, s *service) answer {
			token, err := s.StartRegistration(t.Context(), s.app.ID, s.addUser(t))
			must(t, err)
			return s.asDevice(t, "GET", "/events", s.accessToken(t, token), "")
		},
	}
}

func (s *service) accessToken(t *testing.T, registrationToken string) string {
	t.Helper()
	return s.register(t, registrationToken, "android").AccessToken
}

func operatorProducers() map[onetouch.Code]produce {
	operate := func(method, path, token string) produce {
		return func(t *testing.T, s *service) answer {
			t.Helper()
			operator := *s
			operator.url = s.beside(t, controlapi.New(s.Service, controlapi.Options{Token: "right", Faults: &fault.Faults{}}).Family())
			return operator.do(t, method, "/control/v1"+path, http.Header{"Authorization": {"Bearer " + token}}, io.Reader(nil))
		}
	}
	return map[onetouch.Code]produce{
		onetouch.CodeEvidenceNotFound: func(t *testing.T, s *service) answer {
			pending := s.ask(t, s.addUser(t), transfer())
			return operate("GET", "/approval_requests/"+pending.UUID+"/evidence", "right")(t, s)
		},
		problem.CodeNotAuthorised:        operate("GET", "/users", "wrong"),
		problem.CodeFaultNotFound:        operate("DELETE", "/faults/7", "right"),
		problem.CodeCallNotFound:         operate("GET", "/traffic/7", "right"),
		onetouch.CodeApplicationNotFound: operate("GET", "/applications/none", "right"),
	}
}
