package main

// decision is an answer to a question that no source answers, or that sources answer differently.
type decision struct {
	question string
	answer   string
	setting  string // of the application, that changes the answer; "" when nothing does
}

// decisions are in the order of the calls that they are about.
var decisions = []decision{
	// What holds for all calls.
	{
		question: "Errors in XML",
		answer: "root `<errors>` with dashed names and all that the JSON has: one recording has no more than message and " +
			"error-code, the other all",
	},
	{
		question: "Lists in XML",
		answer:   "the shape of Rails: `<devices type=\"array\"><device>…</device></devices>`",
	},
	{
		question: "An unknown format, such as `yaml`",
		answer:   "404 and 60002, in JSON",
	},
	{
		question: "`success` as a text",
		answer:   "only in the answer of a valid token: go-authy reads a boolean in all others",
	},
	{
		question: "Limits of the service",
		answer: "60 texts, calls and e-mails to one user or phone, and 100 wrong tokens of one user, within an hour; then" +
			" 429 and 60003. `tokens_per_hour`, `failures_per_hour`, `api_calls_per_minute`, `sms_per_day`, " +
			"`sms_per_month`, `calls_per_day` and `calls_per_month` change them, 0 is no limit; days and months are of " +
			"UTC",
		setting: "tokens_per_hour",
	},
	{
		question: "A suspended application",
		answer:   "503 and 60061 on every call; 60008, 60057 and 60060 can be had by name",
		setting:  "suspended",
	},
	// Users.
	{
		question: "Which phone numbers are valid",
		answer: "6 to 15 digits with the country code, for calls about phones at least 8 where the country code is short:" +
			" the live service took numbers that numbering plans do not have; the switch goes by the plans of the " +
			"world",
		setting: "strict_phone_numbers",
	},
	{
		question: "A user who was removed and is added again",
		answer:   "keeps their Authy ID, has the new e-mail address, and has to confirm again",
	},
	{
		question: "The same phone with another e-mail address",
		answer:   "is the same user with the first address; `update` changes it",
	},
	{
		question: "How long tokens are good for a removed user",
		answer:   "not at all; the real service took them for about a day more",
	},
	{
		question: "`send_install_link_via_sms` left out",
		answer: "true: a new user is texted where to get the app, unless the application sends no texts. That text counts " +
			"in `stats`, `sms_per_day` and `sms_per_month`, but is sent also when they are reached; it is no token",
	},
	{
		question: "What `banned` does",
		answer: "tokens, their sending, approval requests, registrations and authenticator apps are refused with 503 and " +
			"60017 until `unbanned`; `account_disabled` of the status says so",
	},
	{
		question: "An activity of another type",
		answer:   "400 and 60004; 60029 can be had by name",
	},
	{
		question: "A wrong e-mail address in `update`",
		answer:   "400 and 60038 with the field, as 60027 has its own",
	},
	{
		question: "The answer of `secret`",
		answer: "also `secret`, which is for those who type it in, and `uri`, which is what the picture says. The picture" +
			" is at an address that nobody can guess, at the host that the client asked. The same user gets the same " +
			"secret each time",
	},
	{
		question: "A label that no QR code can hold",
		answer:   "400 and 60122",
	},
	{
		question: "Control characters in what answers repeat",
		answer: "400 and the parameter's code: labels, names, URLs and e-mail addresses must have none, `hidden_details` " +
			"none but tabs and line ends, as XML could not say the same as JSON",
	},
	{
		question: "User 51 of the sandbox, once removed",
		answer: "is not found, as any user, until the server is started again, the application is changed, or a user with " +
			"its phone number (500-555-0051) is added",
	},
	{
		question: "`registrations/status`",
		answer: "`custom_user_id` is the Authy ID; the answer is " +
			"`{\"registration\":{\"authy_id\":…,\"status\":\"pending\"," +
			"\"created_at\":…,\"expires_at\":…},\"message\":…,\"success\":true}`" +
			" with pending, completed or expired; 404 and 60035 when none was started",
	},
	// One-time passwords.
	{
		question: "A token of a user who never confirmed, without `force`",
		answer: "is valid whatever it is, so that nobody is locked out before they have the app; a right one also " +
			"confirms the user. The switch refuses wrong ones",
		setting: "verify_unconfirmed",
	},
	{
		question: "What confirms a user",
		answer:   "a right token, also where the check was not forced, or a registered device",
	},
	{
		question: "How long a code is that is sent",
		answer:   "7 digits; the switch takes 6 to 8",
		setting:  "token_digits",
	},
	{
		question: "How long a code is good",
		answer: "10 minutes when it was sent; codes of a registered device and of an authenticator app for 3 steps of 10 " +
			"seconds and 1 step of 30 seconds before and after. Each is good once: a code of an app also ends all " +
			"earlier ones of the same app",
	},
	{
		question: "`action` of a check",
		answer:   "a code that was sent for another action is invalid; one that was sent for none is good for any",
	},
	{
		question: "`device` of a token that came from no device",
		answer: "`os_type` is sms, and unknown for an authenticator app; `registration_date` is when the user was added, " +
			"all else is null",
	},
	{
		question: "When texts and calls are ignored",
		answer:   "when the user has a registered device and `force` is not true; `device` is the newest. E-mails never are",
	},
	{
		question: "`locale` of texts and calls",
		answer:   "en, es, fr, de, pt, it, nl and ja are spoken; all else is English, never an error",
	},
	{
		question: "Texts or calls of an application that has none",
		answer: "403 with 60007 or 60006, for tokens and for phone verifications: messages and codes are on record for " +
			"tokens, the status is not. Checking a code needs neither",
		setting: "sms_enabled",
	},
	{
		question: "The address in the answer of `email`",
		answer:   "is written out",
	},
	// Phones.
	{
		question: "Codes and texts of one's own in a phone verification",
		answer:   "403 with 60021 and 60091, which is an event too; the switch allows both",
		setting:  "custom_codes_enabled",
	},
	{
		question: "Wrong `via`, `locale`, `code_length`, `custom_code` or `custom_message`",
		answer: "400 and 60042, in the words of 60004. All 35 tags of the documentation are taken as `locale`, in any case " +
			"and also with `_`; the inbox shows the tag as it was sent",
	},
	{
		question: "How many codes can be tried",
		answer:   "5 wrong ones end a phone verification: then 429 and 60003 until its 10 minutes are over",
	},
	{
		question: "A started verification that is started again",
		answer:   "has the same UUID and code, and the time that is left; a code of one's own replaces it",
	},
	{
		question: "A text to a landline",
		answer:   "403 and 60082 where the application goes by numbering plans; otherwise it is sent",
		setting:  "strict_phone_numbers",
	},
	{
		question: "Carrier, type and provider of a number",
		answer:   "are made up from the number, believably, and are the same each time; a numbering plan's type wins",
	},
	// Approval requests.
	{
		question: "An approval request for a user without a device",
		answer:   "is accepted and waits for one; the switch refuses it with 400 and 60050",
		setting:  "require_device",
	},
	{
		question: "A message that is missing or blank",
		answer:   "400, 60004, `Invalid parameter: message - Parameter is required`, in the words recorded for other calls",
	},
	{
		question: "`details` as a text",
		answer:   "400 and 60004: they must be names with values",
	},
	{
		question: "Limits of an approval request",
		answer: "message 10,000 characters; 100 details of each kind, names of 200 and values of 5,000 characters; 20 " +
			"logos; URLs of 2,000 characters; at most 100 years. Clients cut or refuse far below",
	},
	{
		question: "When an approval request expires",
		answer: "on time, whoever looks; `processed_at` and `updated_at` are then the end of its time. No callback is " +
			"sent",
	},
	{
		question: "Callbacks",
		answer: "the newest generation, with `device_uuid` as a text; sorted by escaped names; tried up to 15 times in " +
			"about half an hour, until the receiver answers 2xx",
	},
	{
		question: "A UUID that no approval request has, in a sandbox",
		answer:   "404 and 60049 as in production; the old sandbox answered any with pending, which the switch brings back",
		setting:  "unknown_requests_pending",
	},
	// Application and webhooks.
	{
		question: "`stats`",
		answer: "real counts of the last 12 months in UTC, the oldest first; `auths_count` are valid tokens and approved " +
			"requests",
	},
	{
		question: "Which URL a request of the dashboard API signs",
		answer: "the one that the client uses, with http or https, or that of api.authy.com; parameters of query and body" +
			" together, sorted, lists in their order or sorted",
	},
	{
		question: "Nonces of the dashboard API",
		answer:   "are opaque, and not remembered: a request can be sent again",
	},
	{
		question: "Wrong keys of the dashboard API",
		answer:   "401 with 60073 (API key), 60071 (no access key) or 60072 (wrong one); 403 and 60087 for the signature",
	},
	{
		question: "A wrong webhook, or too many",
		answer: "400 and 60098, in the words of 60004; at most 100 of one application. The events of the documentation are " +
			"taken, 23 names",
	},
	{
		question: "What carries the JWT of a webhook",
		answer: "a POST of `{\"jwt\":\"…\"}` as JSON; `typ` is JWT, `alg` HS256, the key is the text of `signing_key`. " +
			"Its claims are `event`, `objects`, `request` and `time` in epoch seconds",
	},
	{
		question: "Which objects an event has",
		answer: "`app` always; `user`, `onetouch_request`, `device` and `phone_verification` where the event is about " +
			"them. `request.id` is the same at each attempt",
	},
	{
		question: "Reporting, and the dashboard API beyond webhooks",
		answer:   "are not offered: 404 and 60002",
	},
}
