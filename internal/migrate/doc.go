// Package migrate says what leaving Authy for Twilio's Verify API means for one backend: from the calls that it made, call by
// call what each becomes.
package migrate
