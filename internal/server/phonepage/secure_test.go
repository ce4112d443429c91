package phonepage_test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/localca"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/phonepage"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
)

// machineName is how the browser of these tests knows the server from afar.
const machineName = "laptop.local"

// fromAfar is a browser for which the server is on another machine. It trusts the key of the certificate; that no other
// name is vouched for is tested where the authority is.
func fromAfar(t *testing.T, config *tls.Config) *browser.Browser {
	t.Helper()
	flags := map[string]any{"host-resolver-rules": "MAP " + machineName + " 127.0.0.1"}
	if config != nil {
		pair, err := config.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		key := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
		flags["ignore-certificate-errors-spki-list"] = base64.StdEncoding.EncodeToString(key[:])
	}
	return browser.Start(t, flags)
}

// A browser makes keys over a secure connection only. The page says so, and leads there with the link in hand.
func TestInsecureConnectionLeadsToTheSecureOne(t *testing.T) {
	t.Parallel()
	machine := localca.Machine{Names: []string{machineName}}
	authority, _, err := localca.Ensure(filepath.Join(t.TempDir(), "ca.pem"), machine, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config, err := authority.ServerConfig(machine, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(o *server.Options) {
		o.TLS, o.Hosts = config, []string{machineName}
		o.PhonePageOptions = phonepage.Options{
			Authority: authority.Certificate(), AuthorityName: authority.Name(),
			Fingerprint: localca.Fingerprint(authority.Certificate()),
		}
	})
	port := w.address[strings.LastIndex(w.address, ":"):]
	w.stop()
	w.options.PhonePageOptions.SecureURL = "https://" + machineName + port
	w.start(w.address)

	_, token, _ := strings.Cut(w.link(), "#")
	tab := fromAfar(t, config).Open("http://" + machineName + port + "/phone/#" + token + "&name=Far")
	tab.Sees("A secure connection is needed")
	eachLook(t, tab, "insecure")
	tab.Press("#go-secure")
	tab.Sees("Make this browser a phone")
	tab.Press("#pair-button")
	tab.Sees("Connected")
	uuid := w.ask("Log in?")
	tab.Press(card(uuid, ".approve"))
	w.called(uuid, "approved")
	w.evidence(uuid, "approved")
	tab.Hears("Approved.") // or leaving would be asked about
	if devices := w.devices(); len(devices) != 1 || devices[0].Name != "Far" {
		t.Errorf("registered are %+v", devices)
	}
	tab.Go("http://" + machineName + port + "/phone/trust")
	tab.Sees(localca.Fingerprint(authority.Certificate()))
	tab.Sees(authority.Name())
	eachLook(t, tab, "trust")
}

func TestInsecureConnectionWithoutASecureOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *server.Options) { o.Hosts = []string{machineName} })
	port := w.address[strings.LastIndex(w.address, ":"):]
	tab := fromAfar(t, nil).Open("http://" + machineName + port + "/phone/#token")
	tab.Sees("A secure connection is needed")
	tab.Sees("onetouch serve --lan")
	tab.SeesNot("Continue over HTTPS")
}
