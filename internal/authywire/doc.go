// Package authywire is the wire format of the Authy API as it leaves: answers, callbacks, pushes and the events of webhooks,
// in JSON and XML. It knows no routes and no rules. How parameters arrive is told by the package parameters of the Authy API.
//
// Answers are an [Object], written by [AppendJSON] and [AppendXML] as pure ASCII: one of the Java clients reads bytes
// as Latin-1.
package authywire
