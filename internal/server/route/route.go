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
	Operator    Access = "operator"    // the control token of the server's own workspace
)

// Route is one call.
type Route struct {
	Method string // GET answers HEAD, too
	// Path has literal segments and named ones, such as /protected/{format}/users/new. A named segment is any one that
	// is not empty; [net/http.Request.PathValue] returns it.
	Path   string
	Access Access
	Handle http.HandlerFunc
}
