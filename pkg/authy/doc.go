// Package authy is a client of the Authy backend API: what a backend asks of Authy, and of the OneTouch server on a
// developer's machine, which answers the same calls.
//
// A backend adds its users once and keeps the Authy ID of each. To let a user's app register as a device it starts a
// registration and hands the token to the app. When something needs the user's consent it creates an approval
// request, and learns the answer from its callback (see package callback) or by asking for the request's status.
//
//	client := authy.New(os.Getenv("AUTHY_API_KEY"), authy.WithBaseURL("http://127.0.0.1:8181"))
//	uuid, err := client.CreateApprovalRequest(ctx, authyID, authy.NewApprovalRequest{Message: "Log in?"})
//
// Codes that leave the service by text or call are for the user alone; the server on a developer's machine keeps them in
// its inbox (onetouch inbox).
//
// Nothing is asked twice: after an error that is no [*Error] it is unknown whether the service did what was asked.
package authy
