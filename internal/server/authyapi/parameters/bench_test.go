package parameters_test

import (
	"testing"

	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
)

// The call that creates an approval request, in the encodings of authy-ruby and authy-python.
func BenchmarkRead(b *testing.B) {
	for name, c := range map[string]struct{ contentType, body string }{
		"form": {formType, rails()}, "JSON": {jsonType, askedJSON}, "XML": {xmlType, askedXML},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.body)))
			for b.Loop() {
				p, err := parameters.Read(request("POST", "", c.contentType, c.body), maxBody)
				if err != nil {
					b.Fatal(err)
				}
				if list, _, err := p.Details("details"); len(list) != 3 || err != nil {
					b.Fatal(list, err)
				}
			}
		})
	}
}
