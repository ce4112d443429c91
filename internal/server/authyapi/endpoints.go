package authyapi

import "github.com/onetouchkit/onetouch/internal/server/route"

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
}

// Endpoints lists every call of the API.
func Endpoints() []Endpoint {
	all := [][]Endpoint{userEndpoints(), deviceEndpoints(), approvalRequestEndpoints()}
	var endpoints []Endpoint
	for _, some := range all {
		for _, e := range some {
			if e.Access == "" {
				e.Access = route.Application
			}
			endpoints = append(endpoints, e)
		}
	}
	return endpoints
}

// userIP is what some clients tell of the user's address. Nothing here depends on it.
func userIP() Parameter { return text("user_ip", "the user's IP address; accepted and not used") }

func userEndpoints() []Endpoint {
	return []Endpoint{
		{
			Method: "POST", Path: "/protected/{format}/users/new", Does: "adds a user, or finds the one with that phone number",
			Parameters: []Parameter{
				text("user[email]", "e-mail address"),
				text("user[cellphone]", "digits with any punctuation, without the country code"),
				text("user[country_code]", "digits, with or without +; default 1"),
				boolean("send_install_link_via_sms", "accepted and not used"),
			},
			Source: "authy-ruby, npm authy, authy-php, authy-python, authy-java, authy-client",
			handle: (*API).addUser,
		},
		{
			Method: "GET", Path: "/protected/{format}/users/{id}/status", Does: "says what is known of a user",
			Parameters: []Parameter{userIP()}, Source: "authy-ruby (fullest), go-authy, authy-java, authy-rs, authy-client",
			handle: (*API).userStatus,
		},
		removal("/protected/{format}/users/{id}/delete", "authy-python, Authy-API-Samples, authy-rs"),
		removal("/protected/{format}/users/{id}/remove", "authy-client, authy-php"),
		removal("/protected/{format}/users/delete/{id}", "authy-ruby, npm authy, authy-java"),
	}
}

// removal is one of three spellings, those of three families of clients.
func removal(path, source string) Endpoint {
	return Endpoint{
		Method: "POST", Path: path, Does: "takes a user out of the application", Parameters: []Parameter{userIP()},
		Source: source, handle: (*API).removeUser,
	}
}

func deviceEndpoints() []Endpoint {
	return []Endpoint{
		{
			Method: "POST", Path: "/protected/{format}/sdk/registrations",
			Does:       "starts the registration of a device: its token is for the app",
			Parameters: []Parameter{required(text("authy_id", "the user"))},
			Source:     "SDK sample backends", handle: (*API).startRegistration,
		},
		{
			Method: "DELETE", Path: "/protected/{format}/sdk/devices/{id}", Does: "takes a device from its user",
			Source: "Authy-API-Samples", handle: (*API).removeDevice,
		},
	}
}

func approvalRequestEndpoints() []Endpoint {
	return []Endpoint{
		{
			Method: "POST", Path: "/onetouch/{format}/users/{id}/approval_requests", Does: "asks a user for approval",
			Parameters: []Parameter{
				required(text("message", "what is asked")),
				names("details", "what the user is shown beside it"),
				names("hidden_details", "what is kept with it and not shown"),
				parameter(Objects, "logos", "pictures: res is default, low, med or high; url"),
				integer("seconds_to_expire", "default 86400; 0 is never"),
			},
			Source: "authy-ruby, authy-python, authy-java, npm authy, authy-client, authy-php",
			handle: (*API).createApprovalRequest,
		},
		{
			Method: "GET", Path: "/onetouch/{format}/approval_requests/{uuid}", Does: "says how an approval request stands",
			Source: "authy-java (recorded), authy-client (checks every member)", handle: (*API).approvalRequest,
		},
	}
}
