package delivery

import "github.com/onetouchkit/onetouch/internal/onetouch"

// Writes reports whether the worker knows how to write a kind.
func Writes(kind onetouch.DeliveryKind) bool { return writers()[kind] != nil }
