package authyapi_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const hooks = "/dashboard/json/application/webhooks"

// signedBy is the header of a call of the dashboard API, with what was signed written out as a client does it.
func signedBy(key, nonce, method, url, parameters string) http.Header {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(nonce + "|" + method + "|" + url + "|" + parameters))
	return http.Header{
		"X-Authy-Signature":       {base64.StdEncoding.EncodeToString(mac.Sum(nil))},
		"X-Authy-Signature-Nonce": {nonce}, "Content-Type": {formType},
	}
}

// webhook is one as the dashboard API writes it.
type webhook struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	AccountSID   string   `json:"account_sid"`
	ServiceID    string   `json:"service_id"`
	URL          string   `json:"url"`
	SigningKey   string   `json:"signing_key"`
	Events       []string `json:"events"`
	CreationDate string   `json:"creation_date"`
}

// As AuthyWebhook.Net does it: parameters in a form body, on every method, in a fixed order that is the sorted one; the
// nonce is a GUID.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const nonce = "0f8fad5b-d9cb-469f-a165-70867728950e"
	const keys = "access_key=access+the+key+of+Acme&app_api_key=the+key+of+Acme"
	parameters := keys + "&events%5B%5D=user_added&name=audit&url=http%3A%2F%2Flocalhost%3A6969%2Fcallback"
	created := s.do(t, "POST", hooks, signedBy(s.app.SigningKey, nonce, "POST", s.url+hooks, parameters), strings.NewReader(parameters))
	var made struct {
		Webhook webhook `json:"webhook"`
		Message string  `json:"message"`
		Success bool    `json:"success"`
	}
	must(t, json.Unmarshal([]byte(created.body), &made))
	w := made.Webhook
	if created.status != 200 || made.Message != "Webhook created" || !made.Success || !strings.HasPrefix(w.ID, "WH_") || len(w.SigningKey) < 32 {
		t.Fatalf("got %s", created)
	}
	want := webhook{
		w.ID, "audit", "AC00000000000000000000000000003aeb", s.app.ID, "http://localhost:6969/callback", w.SigningKey,
		[]string{"user_added"}, "2017-02-10T12:00:00Z",
	}
	if !reflect.DeepEqual(w, want) {
		t.Errorf("got %+v", w)
	}

	listed := s.do(t, "GET", hooks, signedBy(s.app.SigningKey, nonce, "GET", s.url+hooks, keys), strings.NewReader(keys))
	var list struct {
		Webhooks []webhook `json:"webhooks"`
		Success  bool      `json:"success"`
	}
	must(t, json.Unmarshal([]byte(listed.body), &list))
	if listed.status != 200 || !list.Success || !reflect.DeepEqual(list.Webhooks, []webhook{want}) {
		t.Errorf("got %s", listed)
	}

	one := hooks + "/" + w.ID
	header := signedBy(s.app.SigningKey, nonce, "DELETE", s.url+one, keys)
	s.do(t, "DELETE", one, header, strings.NewReader(keys)).mustBe(t, 200, `{"message":"Webhook deleted","success":true}`)
	s.do(t, "DELETE", one, header, strings.NewReader(keys)).mustRefuse(t, 404, "60100", "Webhook not found: "+w.ID)

	again := s.addWebhook(t)
	named := keys + "&webhook_id=" + again.ID
	header = signedBy(s.app.SigningKey, nonce, "DELETE", s.url+hooks, named)
	s.do(t, "DELETE", hooks, header, strings.NewReader(named)).mustBe(t, 200, `{"message":"Webhook deleted","success":true}`)
	s.do(t, "GET", hooks, signedBy(s.app.SigningKey, nonce, "GET", s.url+hooks, keys), strings.NewReader(keys)).mustBe(t, 200,
		`{"webhooks":[],"message":"Webhooks","success":true}`)
}

// What is signed is what was sent, wherever it stands, under the URL that the client used.
func TestSignatures(t *testing.T) {
	t.Parallel()
	s := newService(t)
	const nonce = "1427849783.886085"
	const keys = "access_key=access+the+key+of+Acme&app_api_key=the+key+of+Acme"
	query := hooks + "?" + keys
	key := s.app.SigningKey
	local := s.url + hooks
	secure := strings.Replace(local, "http://", "https://", 1)
	json := `{"access_key":"access the key of Acme","app_api_key":"the key of Acme","b":"val|ue&2","a":["z","y"],"n":null,"o":{}}`
	inJSON := signedBy(key, nonce, "GET", local, "a%5B%5D=z&a%5B%5D=y&"+keys+"&b=val%7Cue%262")
	inJSON["Content-Type"] = []string{jsonType}
	for name, c := range map[string]struct {
		target string
		header http.Header
		body   string
	}{
		"in the query":         {query, signedBy(key, nonce, "GET", local, keys), ""},
		"in both":              {hooks + "?b=2", signedBy(key, nonce, "GET", local, keys+"&b=2"), keys},
		"behind TLS":           {query, signedBy(key, nonce, "GET", secure, keys), ""},
		"for the real service": {query, signedBy(key, nonce, "GET", "https://api.authy.com"+hooks, keys), ""},
		"list in its order":    {query + "&l[]=b&l[]=a", signedBy(key, nonce, "GET", local, keys+"&l%5B%5D=b&l%5B%5D=a"), ""},
		"list that is sorted":  {query + "&l[]=b&l[]=a", signedBy(key, nonce, "GET", local, keys+"&l%5B%5D=a&l%5B%5D=b"), ""},
		"list with numbers":    {query + "&l[0]=b&l[1]=a", signedBy(key, nonce, "GET", local, keys+"&l%5B%5D=b&l%5B%5D=a"), ""},
		"JSON":                 {hooks, inJSON, json},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.do(t, "GET", c.target, c.header, strings.NewReader(c.body)).mustHave(t, 200)
		})
	}
	otherWebhook, err := s.CreateWebhook(t.Context(), s.other.ID, onetouch.NewWebhook{
		Name: "n", URL: "http://x.test/", Events: []string{"user_added"},
	})
	must(t, err)
	without := func(name string) http.Header {
		header := signedBy(key, nonce, "GET", local, keys)
		header.Del(name)
		return header
	}
	for name, c := range map[string]struct {
		method, target string
		header         http.Header
		status         int
		code           string
	}{
		"no signature":             {"GET", query, without("X-Authy-Signature"), 403, "60087"},
		"no nonce":                 {"GET", query, without("X-Authy-Signature-Nonce"), 403, "60087"},
		"by the API key":           {"GET", query, signedBy(s.app.APIKey, nonce, "GET", local, keys), 403, "60087"},
		"by another's key":         {"GET", query, signedBy(s.other.SigningKey, nonce, "GET", local, keys), 403, "60087"},
		"of another method":        {"GET", query, signedBy(key, nonce, "POST", local, keys), 403, "60087"},
		"of another path":          {"GET", query, signedBy(key, nonce, "GET", local+"/x", keys), 403, "60087"},
		"of other parameters":      {"GET", query + "&c=1", signedBy(key, nonce, "GET", local, keys), 403, "60087"},
		"of no parameters":         {"GET", query, signedBy(key, nonce, "GET", local, ""), 403, "60087"},
		"a nonce that is no nonce": {"GET", query, signedBy(key, "a|b", "GET", local, keys), 403, "60087"},
		"another's webhook": {
			"DELETE", hooks + "/" + otherWebhook.ID + "?" + keys,
			signedBy(key, nonce, "DELETE", local+"/"+otherWebhook.ID, keys), 404, "60100",
		},
		"no access key": {"GET", hooks + "?app_api_key=the+key+of+Acme", nil, 401, "60071"},
		"another's access key": {
			"GET", hooks + "?access_key=access+the+key+of+Other&app_api_key=the+key+of+Acme",
			signedBy(key, nonce, "GET", local, "access_key=access+the+key+of+Other&app_api_key=the+key+of+Acme"), 401, "60072",
		},
		"no API key":    {"GET", hooks + "?access_key=access+the+key+of+Acme", nil, 401, "60073"},
		"a wrong key":   {"GET", hooks + "?app_api_key=x&access_key=access+the+key+of+Acme", nil, 401, "60073"},
		"key as header": {"GET", hooks, http.Header{"X-Authy-Api-Key": {s.app.APIKey}}, 401, "60073"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := s.do(t, c.method, c.target, c.header, nil)
			if r := refusalOf(t, a); a.status != c.status || r.ErrorCode != c.code || strings.Contains(a.body, key) {
				t.Errorf("got %s, want %d %s", a, c.status, c.code)
			}
		})
	}
	if left, err := s.Webhooks(t.Context(), s.other.ID); err != nil || len(left) != 1 {
		t.Errorf("the other's webhooks are %v, %v", left, err)
	}
}

// The refusal of a signature says what was to be signed.
func TestRefusedSignatureExplains(t *testing.T) {
	t.Parallel()
	s := newService(t)
	query := url.Values{"access_key": {s.app.AccessKey}, "app_api_key": {s.app.APIKey}, "b": {"val|ue&2"}, "a": {"value1"}}.Encode()
	header := http.Header{"X-Authy-Signature": {"x"}, "X-Authy-Signature-Nonce": {"1427849783.886085"}}
	s.do(t, "POST", hooks+"?"+query, header, nil).mustRefuse(t, 403, "60087", "Signature is invalid: it must be the base64 of the "+
		"HMAC-SHA256, by the API signing key, of 1427849783.886085|POST|"+s.url+hooks+
		"|a=value1&access_key=access+the+key+of+Acme&app_api_key=the+key+of+Acme&b=val%7Cue%262")
}

func TestWrongWebhooks(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for says, c := range map[string]url.Values{
		"name - Parameter is required":      {"url": {"http://x.test/"}, "events[]": {"user_added"}},
		"url - Parameter is required":       {"name": {"n"}, "events[]": {"user_added"}},
		"url - must be an absolute http":    {"name": {"n"}, "url": {"x.test"}, "events[]": {"user_added"}},
		"events - Parameter is required":    {"name": {"n"}, "url": {"http://x.test/"}},
		"\"user_promoted\" is not an event": {"name": {"n"}, "url": {"http://x.test/"}, "events[]": {"user_promoted"}},
	} {
		c.Set("access_key", s.app.AccessKey)
		c.Set("app_api_key", s.app.APIKey)
		header := signedBy(s.app.SigningKey, "1", "POST", s.url+hooks, c.Encode())
		a := s.do(t, "POST", hooks, header, strings.NewReader(c.Encode()))
		if r := refusalOf(t, a); a.status != 400 || r.ErrorCode != "60098" || !strings.Contains(r.Message, says) {
			t.Errorf("%s: got %s", says, a)
		}
	}
	if left, err := s.Webhooks(t.Context(), s.app.ID); err != nil || len(left) != 0 {
		t.Errorf("half-made webhooks are %v, %v", left, err)
	}
}
