package authywire

import "strconv"

// MaskLastFour is the phone number of the user status, XXX-XXX-1118: the last four digits only. Source: authy-ruby's
// specs.
func MaskLastFour(cellphone string) string { return "XXX-XXX-" + last(cellphone, 4) }

// MaskLastTwo is the phone number of answers about texts and calls, +54-XXX-XXX-XX02. Source: recorded by authy-java,
// authy-client and authy-rs.
func MaskLastTwo(countryCode int, cellphone string) string {
	return "+" + strconv.Itoa(countryCode) + "-XXX-XXX-XX" + last(cellphone, 2)
}

// last is the end of a number; the whole of a shorter one stays hidden.
func last(digits string, n int) string {
	if len(digits) <= n {
		return "XXXX"[:n]
	}
	return digits[len(digits)-n:]
}
