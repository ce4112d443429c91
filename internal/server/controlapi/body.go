package controlapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// body reads the one JSON object that a request body has to be. A member that T does not have is refused: it would be a
// misspelt one.
func body[T any](r *http.Request) (value T, err error) {
	content, err := wire.ReadBody(r, wire.MaxBody)
	if err != nil {
		return value, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		return value, wrongBody(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return value, onetouch.InvalidRequest("something follows the JSON object")
	}
	return value, nil
}

// wrongBody says what is wrong in words of the API.
func wrongBody(err error) error {
	const unknown = "json: unknown field "
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return onetouch.InvalidParameter(wrongType.Field, "must be a JSON "+kindOf(wrongType.Type))
	case strings.HasPrefix(err.Error(), unknown):
		return onetouch.InvalidParameter(strings.Trim(strings.TrimPrefix(err.Error(), unknown), `"`), "is not known here")
	default:
		return onetouch.InvalidRequest(`the body must be a JSON object, such as {"times":1}`)
	}
}

// kindOf is what JSON calls a kind.
func kindOf(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Float64:
		return "number"
	default:
		return "number without a fraction"
	}
}
