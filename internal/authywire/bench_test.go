package authywire_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

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
