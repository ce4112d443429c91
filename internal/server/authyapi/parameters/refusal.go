package parameters

import (
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

func wrongParameter(name, format string, args ...any) *onetouch.Error {
	return onetouch.InvalidParameter(wire.Shown(name), fmt.Sprintf(format, args...))
}

// wrongRequest is for the query or body as a whole: it cannot be read, is too deep or has too many parameters.
func wrongRequest(format string, args ...any) *onetouch.Error {
	return onetouch.InvalidRequest(fmt.Sprintf(format, args...))
}

// wrongEncoding is for bytes that are not valid UTF-8. name is "" when they are in no single parameter.
func wrongEncoding(name, reason string) *onetouch.Error {
	if name == "" {
		return onetouch.InvalidRequest(reason).With(onetouch.CodeInvalidEncoding)
	}
	return onetouch.InvalidParameter(wire.Shown(name), reason).With(onetouch.CodeInvalidEncoding)
}
