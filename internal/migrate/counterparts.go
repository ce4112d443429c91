package migrate

// Fate says what becomes of a call.
type Fate string

// What can become of a call.
const (
	Moves  Fate = "moves"          // Verify Push has a call for it
	Other  Fate = "other API"      // something else of Twilio's has
	Nobody Fate = "no counterpart" // nothing has
)

// Call is a call of the Verify API.
type Call struct {
	Method string `json:"method"`
	Path   string `json:"path"`
}

// counterpart is what one call of the Authy API becomes.
type counterpart struct {
	fate       Fate
	calls      []Call
	parameters map[string]string // by the Authy API's name: what it becomes; one that is missing has no counterpart
	differs    []string
}

// Paths of the Verify API.
const (
	entities     = "/v2/Services/{ServiceSid}/Entities"
	entity       = entities + "/{Identity}"
	factors      = entity + "/Factors"
	factor       = factors + "/{FactorSid}"
	challenges   = entity + "/Challenges"
	challenge    = challenges + "/{ChallengeSid}"
	tokens       = "/v2/Services/{ServiceSid}/AccessTokens"
	webhooks     = "/v2/Services/{ServiceSid}/Webhooks"
	verification = "/v2/Services/{ServiceSid}/Verifications"
	check        = "/v2/Services/{ServiceSid}/VerificationCheck"
)

// counterparts has every call of the Authy API, by its method and path. A call that is new there needs a row here: a test
// says so.
//
// Source: twilio-go rest/verify/v2 for calls, parameters and limits; the vendor's migration map in verify-push.
func counterparts() map[string]counterpart {
	all := map[string]counterpart{}
	for _, part := range []map[string]counterpart{userParts(), tokenParts(), phoneParts(), requestParts(), restParts()} {
		for call, c := range part {
			all[call] = c
		}
	}
	return all
}

func userParts() map[string]counterpart {
	removal := counterpart{
		fate: Moves, calls: []Call{{"DELETE", entity}},
		differs: []string{"answers 204 without a body", "the factors and challenges of the user go too"},
	}
	return map[string]counterpart{
		"POST /protected/{format}/users/new": {
			fate: Moves, calls: []Call{{"POST", entities}},
			differs: []string{
				"a user is known by an Identity that the backend chooses (8 to 64 letters, digits and dashes, nothing personal), " +
					"not by an Authy ID that it is given: keep a table of both",
				"neither e-mail address nor phone number is kept, and no link to an app is texted",
				"the same user twice is refused with 409; the Authy API answered the same Authy ID",
			},
		},
		"GET /protected/{format}/users/{id}/status": {
			fate: Moves, calls: []Call{{"GET", entity}, {"GET", factors}},
			differs: []string{
				"registered is now: one of the factors is of type push and verified", "there is no confirmed, and no hard token",
			},
		},
		"POST /protected/{format}/users/{id}/delete": removal,
		"POST /protected/{format}/users/{id}/remove": removal,
		"POST /protected/{format}/users/delete/{id}": removal,
		"POST /protected/{format}/users/{id}/update": {
			fate: Nobody, differs: []string{"Verify keeps no e-mail address: keep it yourself"},
		},
		"POST /protected/{format}/users/{id}/register_activity": {
			fate: Nobody, differs: []string{"a user who is to be banned has their factors deleted: DELETE " + factor},
		},
		"POST /protected/{format}/users/{id}/secret": {
			fate: Moves, calls: []Call{{"POST", factors}},
			parameters: map[string]string{"label": "FriendlyName"},
			differs: []string{
				"FactorType=totp; the answer has binding.uri and binding.secret, and no picture: draw the QR code yourself",
				"the factor has to be verified by a first code (POST " + factor + ", AuthPayload)",
			},
		},
		"GET /qr_codes/{file}": {fate: Nobody, differs: []string{"draw the QR code of binding.uri yourself"}},
	}
}

func tokenParts() map[string]counterpart {
	sent := func(channel string) counterpart {
		return counterpart{
			fate: Other, calls: []Call{{"POST", verification}},
			parameters: map[string]string{"locale": "Locale", "action_message": "CustomMessage, where it is allowed"},
			differs: []string{
				"another API: Verify's channel " + channel + ", which knows phone numbers and e-mail addresses, not users: send To yourself",
				"nothing is left out because the user has the app: decide that yourself",
				"a code is of 4 to 10 digits, by the settings of the service, and holds for 10 minutes",
			},
		}
	}
	return map[string]counterpart{
		"GET /protected/{format}/verify/{token}/{id}": {
			fate: Other, calls: []Call{{"POST", challenges}, {"POST", check}},
			differs: []string{
				"a code of an app is the AuthPayload of a challenge to a totp factor; one that was sent is checked with " + check,
				"a POST: the code no longer stands in the URL, and in logs",
				"a user who never confirmed is checked like any other: there is no force",
			},
		},
		"GET /protected/{format}/sms/{id}":    sent("sms"),
		"GET /protected/{format}/call/{id}":   sent("call"),
		"POST /protected/{format}/email/{id}": sent("email"),
	}
}

func phoneParts() map[string]counterpart {
	number := "To, in E.164: + and all digits"
	return map[string]counterpart{
		"POST /protected/{format}/phones/verification/start": {
			fate: Other, calls: []Call{{"POST", verification}},
			parameters: map[string]string{
				"phone_number": number, "country_code": number, "via": "Channel", "locale": "Locale",
				"code_length": "CodeLength of the service", "custom_code": "CustomCode", "custom_message": "CustomMessage",
			},
			differs: []string{"another API: Verify's own verifications"},
		},
		"GET /protected/{format}/phones/verification/check": {
			fate: Other, calls: []Call{{"POST", check}},
			parameters: map[string]string{"phone_number": number, "country_code": number, "verification_code": "Code"},
			differs:    []string{"a wrong code answers 200 with the status pending, not 401"},
		},
		"GET /protected/{format}/phones/verification/status": {
			fate: Other, calls: []Call{{"GET", verification + "/{Sid}"}},
			parameters: map[string]string{"uuid": "Sid in the path", "phone_number": "Sid in the path", "country_code": "Sid in the path"},
		},
		"GET /protected/{format}/phones/info": {
			fate: Other, calls: []Call{{"GET", "/v2/PhoneNumbers/{PhoneNumber}"}},
			parameters: map[string]string{"phone_number": "PhoneNumber in the path", "country_code": "PhoneNumber in the path"},
			differs:    []string{"another API at another host: Twilio's Lookup"},
		},
	}
}

func requestParts() map[string]counterpart {
	return map[string]counterpart{
		"POST /onetouch/{format}/users/{id}/approval_requests": {
			fate: Moves, calls: []Call{{"GET", factors}, {"POST", challenges}},
			parameters: map[string]string{
				"message":           "Details.Message",
				"details":           `Details.Fields, once for each: {"label":…,"value":…}`,
				"hidden_details":    "HiddenDetails, one JSON object of texts",
				"seconds_to_expire": "ExpirationDate, a date in ISO 8601",
			},
			differs: []string{
				oneFactor().says,
				"without an ExpirationDate a challenge expires in " + verifyDefault() + ", not in " + authyDefault() + "; " +
					"an hour is the longest, and never is not possible",
				noFactor().says,
				"the answer has all of the challenge, and its SID (YC…) in place of a UUID",
			},
		},
		"GET /onetouch/{format}/approval_requests/{uuid}": {
			fate: Moves, calls: []Call{{"GET", challenge}},
			differs: []string{
				"the Identity stands in the path: keep it with the SID",
				"statuses have the same names: pending, approved, denied, expired",
				"date_responded in place of processed_at; there is no device, but factor_sid",
				noReason().says,
			},
		},
	}
}

func restParts() map[string]counterpart {
	return map[string]counterpart{
		"POST /protected/{format}/sdk/registrations": {
			fate: Moves, calls: []Call{{"POST", tokens}},
			parameters: map[string]string{"authy_id": "Identity, with FactorType=push"},
			differs: []string{
				"the answer calls it token; it holds for minutes, and the phone needs the ServiceSid and Identity beside it",
			},
		},
		"GET /protected/{format}/registrations/status": {
			fate: Moves, calls: []Call{{"GET", factors}},
			parameters: map[string]string{"custom_user_id": "Identity in the path"},
			differs:    []string{"a factor is there once a phone has used the token, and verified once it has proven its key"},
		},
		"DELETE /protected/{format}/sdk/devices/{id}": {
			fate: Moves, calls: []Call{{"DELETE", factor}}, differs: []string{"answers 204 without a body"},
		},
		"GET /protected/{format}/app/details": {
			fate: Moves, calls: []Call{{"GET", "/v2/Services/{ServiceSid}"}},
		},
		"GET /protected/{format}/app/stats": {
			fate: Other, calls: []Call{{"GET", "/v2/Attempts/Summary"}}, differs: []string{"counts verifications, not challenges"},
		},
		"POST /dashboard/{format}/application/webhooks": {
			fate: Moves, calls: []Call{{"POST", webhooks}},
			parameters: map[string]string{"name": "FriendlyName", "url": "WebhookUrl", "events": "EventTypes, with other names"},
			differs: []string{
				"signed like any call of Twilio's (X-Twilio-Signature, by the auth token), in place of a JWT by a key of its own",
				"events are factor.created, factor.verified, factor.deleted, challenge.approved and challenge.denied",
				"authenticated by account SID and auth token: app_api_key, access_key and signed requests are gone",
			},
		},
		"GET /dashboard/{format}/application/webhooks":         {fate: Moves, calls: []Call{{"GET", webhooks}}},
		"DELETE /dashboard/{format}/application/webhooks/{id}": {fate: Moves, calls: []Call{{"DELETE", webhooks + "/{Sid}"}}},
		"DELETE /dashboard/{format}/application/webhooks": {
			fate: Moves, calls: []Call{{"DELETE", webhooks + "/{Sid}"}},
			parameters: map[string]string{"webhook_id": "Sid in the path"},
		},
	}
}

// everywhere is what differs in every call.
func everywhere() []string {
	return []string{
		"Authentication is HTTP Basic: account SID and auth token. The API key is gone.",
		"Bodies are forms and answers JSON: no XML, no JSON bodies, no brackets in names.",
		"Refusals have a numeric code, message, more_info and status in place of error_code, errors and success.",
		"The callback of an answer becomes a webhook of the service, challenge.approved or challenge.denied: a form with " +
			"challenge_sid and entity_identity, signed by X-Twilio-Signature (HMAC-SHA1 by the auth token) in place of " +
			"X-Authy-Signature. Details and phone are read from the challenge and its factor. It is made once, with " +
			"POST " + webhooks + ", where the Authy API took a callback URL in the dashboard.",
		"Phones need an app with the Verify SDK: a device that was registered with the Authy SDK has to register anew.",
	}
}
