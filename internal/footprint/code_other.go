//go:build !linux

package footprint

// ForgetCode does nothing here.
func ForgetCode() {}
