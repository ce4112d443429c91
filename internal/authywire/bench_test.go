package authywire_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// The call that creates an approval request, in the encodings of authy-ruby and authy-python.
func BenchmarkReadParameters(b *testing.B) {
	for name, c := range map[string]struct{ contentType, body string }{
		"form": {formType, rails()}, "JSON": {jsonType, askedJSON}, "XML": {xmlType, askedXML},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.body)))
			for b.Loop() {
				p, err := authywire.ReadParameters(request("POST", "", c.contentType, c.body), maxBody)
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

func answered() object {
	return object{{"approval_request", object{
		{"_app_name", "Acme Bank"}, {"_app_serial_id", int64(1)}, {"created_at", "2017-02-10T01:09:52Z"}, {"notified", true},
		{"status", "approved"}, {"uuid", "dda2c400-bc43-0135-d7be-1285ca17e122"},
		{"hidden_details", details.List{{Name: "ip", Value: "10.0.0.1"}}},
		{"device", authywire.Device(onetouch.Device{ID: 1, Platform: "ios", RegisteredAt: time.Unix(1, 0)})},
	}}, {"success", true}}
}

func BenchmarkAppendJSON(b *testing.B) {
	answer, buffer := answered(), []byte{}
	b.ReportAllocs()
	for b.Loop() {
		buffer = authywire.AppendJSON(buffer[:0], answer)
	}
	b.SetBytes(int64(len(buffer)))
}

func BenchmarkAppendXML(b *testing.B) {
	answer, buffer := answered(), []byte{}
	b.ReportAllocs()
	for b.Loop() {
		buffer = authywire.AppendXML(buffer[:0], "hash", answer)
	}
	b.SetBytes(int64(len(buffer)))
}
