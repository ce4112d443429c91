package authyapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// provisioned is the answer to the call for a secret.
type provisioned struct {
	Issuer  string `json:"issuer"`
	Label   string `json:"label"`
	QRCode  string `json:"qr_code"`
	Secret  string `json:"secret"`
	URI     string `json:"uri"`
	Success bool   `json:"success"`
}

func (s *service) provision(t *testing.T, id int64, parameters url.Values) provisioned {
	t.Helper()
	a := s.post(t, fmt.Sprintf("/protected/json/users/%d/secret", id), parameters)
	var p provisioned
	must(t, json.Unmarshal([]byte(a.body), &p))
	if a.status != 200 || !p.Success {
		t.Fatalf("got %s", a)
	}
	return p
}

// scan reads a picture as an authenticator app does, and returns what it says and its width and height.
func scan(t *testing.T, picture string) (text string, width, height int) {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader([]byte(picture)))
	must(t, err)
	bitmap, err := gozxing.NewBinaryBitmapFromImage(decoded)
	must(t, err)
	// Without this hint the reader looks for a code in a photograph, and now and then finds none in one without noise.
	drawn := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	code, err := qrcode.NewQRCodeReader().Decode(bitmap, drawn)
	must(t, err)
	return code.GetText(), decoded.Bounds().Dx(), decoded.Bounds().Dy()
}

// A user scans the picture, and the codes of their app are valid.
func TestAuthenticator(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	for _, c := range []struct {
		label, size, want string
		pixels            int
	}{
		{"", "", "ada@example.com", 300}, {"", "", "ada@example.com", 300}, {"Ada: \"home\" ñ+1", "200", "Ada: \"home\" ñ+1", 200},
		{strings.Repeat("l", 200), "1000", strings.Repeat("l", 200), 1000},
		{strings.Repeat("é", 200), "1", strings.Repeat("é", 200), 145}, // as small as it can be read
	} {
		p := s.provision(t, id, url.Values{"label": {c.label}, "qr_size": {c.size}})
		if p.Issuer != "Acme Bank" || p.Label != c.want || !strings.HasPrefix(p.QRCode, s.url+"/qr_codes/") {
			t.Errorf("got %+v", p)
		}
		picture := s.do(t, "GET", strings.TrimPrefix(p.QRCode, s.url), nil, nil) // as a browser asks, without a key
		if picture.status != 200 || picture.header.Get("Content-Type") != "image/png" || picture.header.Get("Cache-Control") != "no-store" {
			t.Fatalf("got %d of %v", picture.status, picture.header)
		}
		text, width, height := scan(t, picture.body)
		if text != p.URI || width != c.pixels || height != c.pixels {
			t.Errorf("the picture of %d by %d says %s, not %s", width, height, text, p.URI)
		}
		uri, err := url.Parse(text)
		must(t, err)
		if q := uri.Query(); uri.Scheme != "otpauth" || uri.Host != "totp" || q.Get("issuer") != "Acme Bank" || q.Get("secret") != p.Secret ||
			q.Get("period") != "30" || q.Get("digits") != "6" || uri.Path != "/Acme Bank:"+c.want {
			t.Errorf("the picture says %s", text)
		}
	}
	kept, err := s.ProvisionAuthenticator(t.Context(), s.app, id, "")
	must(t, err)
	code := onetouch.OneTimeCode(kept.Secret, 6, 30*time.Second, noon())
	s.get(t, fmt.Sprintf("/protected/json/verify/%s/%d?force=true", code, id)).mustBe(t, 200, validToken(noon(), "unknown"))
}

func TestWrongAuthenticator(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	path := fmt.Sprintf("/protected/json/users/%d/secret", id)
	for _, size := range []string{"0", "-1", "1001", "9223372036854775807"} {
		s.post(t, path, url.Values{"qr_size": {size}}).mustRefuse(t, 400, "60004",
			"Invalid parameter: qr_size - must be from 1 to 1000 pixels")
	}
	s.post(t, path, url.Values{"label": {strings.Repeat("l", 201)}}).mustRefuse(t, 400, "60004",
		"Invalid parameter: label - has 201 characters, at most 200 are allowed")
	s.change(t, onetouch.ApplicationSettings{Name: strings.Repeat("🚀", 30)})
	before := s.lastEvent(t)
	s.post(t, path, url.Values{"label": {strings.Repeat("🚀", 200)}}).mustRefuse(t, 400, "60122",
		"QR code could not be generated: the label is too long for it")
	if s.lastEvent(t) != before {
		t.Error("a refusal made an authenticator")
	}
}

// Whoever guesses sees nothing, and a user who is gone has no picture.
func TestPicturesOfOthers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	id := s.addUser(t)
	picture := strings.TrimPrefix(s.provision(t, id, nil).QRCode, s.url)
	name, _, _ := strings.Cut(picture, "?")
	if len(name) < len("/qr_codes/.png")+43 { // 256 bits
		t.Errorf("the name %s can be guessed", name)
	}
	s.do(t, "GET", name, nil, nil).mustHave(t, 200)
	for _, size := range []string{"x", "1e2"} {
		s.do(t, "GET", name+"?size="+size, nil, nil).mustRefuse(t, 400, "60004", "Invalid parameter: size - must be a whole number")
	}
	for _, size := range []string{"0", "1001", "-5"} {
		s.do(t, "GET", name+"?size="+size, nil, nil).mustRefuse(t, 400, "60004", "Invalid parameter: size - must be from 1 to 1000 pixels")
	}
	for _, wrong := range []string{"1.png", ".png", "%00.png", strings.ToLower(name[10:]), name[10:len(name)-5] + ".png", strings.Repeat("a", 5000)} {
		s.do(t, "GET", "/qr_codes/"+wrong, nil, nil).mustRefuse(t, 404, "60113", "Authenticator not found.")
	}
	s.call(t, "POST", name, "", "").mustHave(t, 405)
	must(t, s.RemoveUser(t.Context(), s.app.ID, id))
	s.do(t, "GET", name, nil, nil).mustHave(t, 404)
}

// Behind a proxy setting the client thinks that it speaks to another host, and will ask that one for the picture.
func TestPictureIsWhereTheClientThinks(t *testing.T) {
	t.Parallel()
	s := newService(t)
	r, err := http.NewRequestWithContext(t.Context(), "POST", fmt.Sprintf("%s/protected/json/users/%d/secret", s.url, s.addUser(t)), nil)
	must(t, err)
	r.Host = "sandbox-api.authy.com"
	r.Header.Set("X-Authy-API-Key", s.app.APIKey)
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	var p provisioned
	must(t, json.NewDecoder(response.Body).Decode(&p))
	if !strings.HasPrefix(p.QRCode, "http://sandbox-api.authy.com/qr_codes/") {
		t.Errorf("got %+v", p)
	}
}
