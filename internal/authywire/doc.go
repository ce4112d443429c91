// Package authywire is the wire format of the Authy API: how parameters arrive, in every encoding that its clients
// use, and how answers and callbacks leave, in JSON and XML. It knows no routes and no rules.
//
// Parameters come from the query and from the body together, on every method: npm authy sends the parameters of GET
// calls as a form body, authy-php puts those of POST calls into the query. A body is a form with the brackets of
// Rails, JSON, XML or a multipart form; see [ReadParameters].
//
// Answers are an [Object], written by [AppendJSON] and [AppendXML] as pure ASCII: one of the Java clients reads bytes
// as Latin-1.
package authywire
