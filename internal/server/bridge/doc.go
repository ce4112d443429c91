// Package bridge lets a backend that speaks the Authy API have its phones at Twilio's Verify API: what a [onetouch.Bridge]
// wants of the other service becomes calls of Verify, and Verify's webhooks become news for it.
//
// Nothing has to be kept for that: the identity of a user is their user ID, which is 24 hexadecimal digits, and the UUIDs of
// requests and devices are the digits of the SIDs of challenges and factors.
package bridge
