// Package verify is a client of the push part of Twilio's Verify API, as a backend uses it: services, entities, factors,
// access tokens for factors, challenges and webhooks. It is what pkg/authy is for the API before it.
//
// Source of the wire facts: the models and parameters of github.com/twilio/twilio-go, rest/verify/v2, and
// twilio-verify-android for what a phone sends.
package verify
