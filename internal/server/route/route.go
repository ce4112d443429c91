// Package route is the table of what a server answers and who may call it. The server's router is made from it, and so
// is the test that tries every route with the wrong credentials.
package route

import "net/http"

// Access says whose credential a route wants.
type Access string

// Credentials.
const (
	Public      Access = "public"      // none, or one in the body that is part of the call
	Application Access = "application" // the application's API key
	Manager     Access = "manager"     // the application's access key, and a signature by its API signing key
	Device      Access = "device"      // the device's access token
	Account     Access = "account"     // the account SID and its auth token, of the Verify API
	Factor      Access = "factor"      // the same, or a JWT that the factor has signed
	Newcomer    Access = "newcomer"    // the same, or an access token that makes a device a factor
	Operator    Access = "operator"    // the control token of the server's own workspace
)

// Route is one call.
type Route struct {
	Method string // GET answers HEAD, too
	// Path has literal segments and named ones, such as /protected/{format}/users/new. A named segment is any one that
	// is not empty; [net/http.Request.PathValue] returns it.
	Path   string
	Access Access // who guards it: see [Family.Guards]
	Handle http.HandlerFunc
	// Refuse answers what the guard refuses; nil leaves that to the family.
	Refuse func(http.ResponseWriter, *http.Request, error)
}

// Guard lets a call pass, with what it has found out of the caller in the context of the request, or refuses it. Nothing else
// of the call is looked at before.
type Guard func(*http.Request) (*http.Request, error)

// anybody is the guard of public routes whose family has none.
func anybody(r *http.Request) (*http.Request, error) { return r, nil }
