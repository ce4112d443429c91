// Package migrate says what leaving Authy for Twilio's Verify API means for one backend. A plan says of the calls that it made
// what each becomes; a check makes its approval flows again, through both APIs, and compares how they come out. What differs
// between the two is said once, for both: in the rows of counterparts and in the rules.
package migrate
