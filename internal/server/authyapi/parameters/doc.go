// Package parameters reads the parameters of a call of the Authy API, in every encoding that its clients use.
//
// They come from the query and from the body together, on every method: npm authy sends the parameters of GET calls as a
// form body, authy-php puts those of POST calls into the query. A body is a form with the brackets of Rails, JSON, XML or
// a multipart form; see [Read].
package parameters
