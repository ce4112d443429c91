package authywire_test

import (
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/pkg/details"
)

type (
	object = authywire.Object
	array  = authywire.Array
)

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		object object
		want   string
	}{
		"nothing":   {object{}, `{}`},
		"each kind": {object{{"n", nil}, {"t", true}, {"f", false}, {"i", -7}, {"l", int64(9007199254740993)}, {"s", "x"}}, `{"n":null,"t":true,"f":false,"i":-7,"l":9007199254740993,"s":"x"}`},
		"nested":    {object{{"o", object{{"a", array{"x", 1, nil, object{}, array{}}}}}}, `{"o":{"a":["x",1,null,{},[]]}}`},
		"order":     {object{{"z", 1}, {"a", 2}, {"m", 3}}, `{"z":1,"a":2,"m":3}`},
		"details":   {object{{"d", details.List{{Name: "To", Value: "ACME"}, {Name: "Account Number", Value: "\"1\""}}}, {"e", details.List(nil)}}, `{"d":{"To":"ACME","Account Number":"\"1\""},"e":{}}`},
		"escapes":   {object{{"k\"\\\n", "\x00\b\t\r\n\x1f\x7f/<>&'é\u2028🚀"}}, `{"k\"\\\n":"\u0000\u0008\t\r\n\u001f` + "\x7f" + `/<>&'\u00e9\u2028\ud83d\ude80"}`},
		"bad UTF-8": {object{{"a\xff", "\xf0\x9f\x9a\xed\xa0\x80"}}, `{"a\ufffd":"\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(authywire.AppendJSON([]byte("kept "), c.object)); got != "kept "+c.want {
				t.Errorf("got  %s\nwant %s", got, "kept "+c.want)
			}
		})
	}
}

const prolog = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// The first three are what authy-java recorded, in the order of its members.
func TestAppendXML(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		root   string
		object object
		want   string
	}{
		"a new user": {"hash", object{{"message", "User created successfully."}, {"user", object{{"id", 1000}}}, {"success", true}},
			`<hash><message>User created successfully.</message><user><id type="integer">1000</id></user><success type="boolean">true</success></hash>`},
		"a verified token": {"hash", object{{"message", "Token is valid."}, {"token", "is valid"}, {"success", "true"},
			{"device", object{{"city", nil}, {"country", "US"}, {"registration_method", "sms"}, {"id", int64(2179876)}}}},
			`<hash><message>Token is valid.</message><token>is valid</token><success>true</success><device><city nil="true"/>` +
				`<country>US</country><registration-method>sms</registration-method><id type="integer">2179876</id></device></hash>`},
		"an error": {"errors", object{{"error_code", "60026"}, {"message", "User doesn't exist"}, {"errors", object{{"message", "User doesn't exist"}}}, {"success", false}},
			`<errors><error-code>60026</error-code><message>User doesn't exist</message><errors><message>User doesn't exist</message></errors><success type="boolean">false</success></errors>`},
		"lists": {"hash", object{{"devices", array{"iphone", "ipad"}}, {"detailed_devices", array{object{{"os_type", "ios"}}}}, {"deleted_devices", array{}},
			{"data", array{array{1}, nil}}},
			`<hash><devices type="array"><device>iphone</device><device>ipad</device></devices>` +
				`<detailed-devices type="array"><detailed-device><os-type>ios</os-type></detailed-device></detailed-devices>` +
				`<deleted-devices type="array"></deleted-devices>` +
				`<data type="array"><data type="array"><data type="integer">1</data></data><data nil="true"/></data></hash>`},
		"leading underscores": {"hash", object{{"_app_name", "A"}, {"_id", "1"}, {"a_", "x"}, {"__", "y"}},
			`<hash><_app-name>A</_app-name><_id>1</_id><a_>x</a_><__>y</__></hash>`},
		"names that are no XML names": {"hash", object{{"details", details.List{
			{Name: "Account Number", Value: "1"}, {Name: "Account_Number", Value: "2"}, {Name: "Account-Number", Value: "3"},
			{Name: "1st", Value: "4"}, {Name: "xmlns", Value: "5"}, {Name: "Größe", Value: "6"}, {Name: "a:b", Value: "7"},
			{Name: "<\"&'>\n", Value: "8"}, {Name: "", Value: "9"}, {Name: "-", Value: "10"},
		}}},
			`<hash><details><Account-Number name="Account Number">1</Account-Number><Account-Number>2</Account-Number>` +
				`<Account-Number name="Account-Number">3</Account-Number><_1st name="1st">4</_1st><_xmlns name="xmlns">5</_xmlns>` +
				`<Gr--e name="Gr&#246;&#223;e">6</Gr--e><a-b name="a:b">7</a-b>` +
				`<_------ name="&#60;&#34;&#38;'&#62;&#10;">8</_------><_ name="">9</_><_- name="-">10</_-></details></hash>`},
		"texts": {"hash", object{{"a", "<b>&\"'</b>\t\r\n"}, {"b", "é🚀"}, {"c", "\x00\x1b\uFFFE\xff"}, {"d", ""}},
			`<hash><a>&#60;b&#62;&#38;&#34;'&#60;/b&#62;&#9;&#13;&#10;</a><b>&#233;&#128640;</b><c>&#65533;&#65533;&#65533;&#65533;</c><d></d></hash>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := string(authywire.AppendXML(nil, c.root, c.object)); got != prolog+c.want {
				t.Errorf("got  %s\nwant %s", got, prolog+c.want)
			}
		})
	}
}

// A kind that is not of the wire is a fault in the program and must not leave as something that looks right.
func TestAppendOfAnUnknownKindPanics(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(){
		"JSON": func() { authywire.AppendJSON(nil, object{{"a", 1.5}}) },
		"XML":  func() { authywire.AppendXML(nil, "hash", object{{"a", 1.5}}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := recover(); got != "authywire: a member cannot be a float64" {
					t.Errorf("recovered %v", got)
				}
			}()
			write()
		})
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"3055551118": "XXX-XXX-1118", "123456": "XXX-XXX-3456", "1234": "XXX-XXX-XXXX", "": "XXX-XXX-XXXX",
	} {
		if got := authywire.MaskLastFour(number); got != want {
			t.Errorf("%q is %q, want %q", number, got, want)
		}
	}
	for number, want := range map[string]string{"3171234502": "+54-XXX-XXX-XX02", "12": "+54-XXX-XXX-XXXX", "": "+54-XXX-XXX-XXXX"} {
		if got := authywire.MaskLastTwo(54, number); got != want {
			t.Errorf("%q is %q, want %q", number, got, want)
		}
	}
}

func TestDevice(t *testing.T) {
	t.Parallel()
	got := string(authywire.AppendJSON(nil, authywire.Device(onetouch.Device{
		ID: 2102943, Platform: "android", RegisteredAt: time.Unix(1505418165, 5).UTC(),
	})))
	want := `{"city":null,"country":null,"ip":null,"region":null,"registration_city":null,"registration_country":null,` +
		`"registration_ip":null,"registration_method":"push","registration_region":null,"os_type":"android",` +
		`"last_account_recovery_at":null,"id":2102943,"registration_date":1505418165,"last_sync_date":1505418165,` +
		`"enabled_unlock_methods":["none"],"last_unlock_method_used":null,"last_unlock_date":null,` +
		`"multidevice_enabled":false,"multidevice_updated_at":null,"registration_device_id":null}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
