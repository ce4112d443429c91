package deviceapi_test
import ("testing";"log/slog";"os";"github.com/onetouchkit/onetouch/internal/server/deviceapi")
func TestDbg(t *testing.T) {
	f := setUp(t, func(o *deviceapi.Options) { o.Logger = slog.New(slog.NewTextHandler(os.Stderr,nil)) })
	d := f.newDevice()
	d.call("PUT", "/push", `{"type":"none"}`).members()
	s := d.listen("")
	d.call("PUT", "/push", `{"type":"sse"}`).members()
	f.ask("x")
	s.hears("x")
}
