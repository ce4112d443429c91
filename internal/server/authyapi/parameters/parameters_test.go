package parameters_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi/parameters"
	"github.com/onetouchkit/onetouch/internal/server/problem"
	"github.com/onetouchkit/onetouch/pkg/details"
)

// asked is what the tests below send in every encoding.
type asked struct {
	Message string
	Details details.List
	Logos   [][2]string
	Seconds int64
}

func wanted() asked {
	return asked{
		Message: "Transfer 100% & more? – ñ 🚀",
		Details: details.List{{Name: "To", Value: "ACME +1"}, {Name: "Account Number", Value: "981266321"}, {Name: "Amount", Value: "10"}},
		Logos:   [][2]string{{"default", "https://x.test/1.png?a=b&c"}, {"low", "https://x.test/2.png"}},
		Seconds: 120,
	}
}

func readAsked(t *testing.T, p *parameters.Parameters) asked {
	t.Helper()
	var a asked
	var err error
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	a.Message, _, err = p.String("message")
	fail(err)
	a.Details, _, err = p.Details("details")
	fail(err)
	a.Seconds, _, err = p.Integer("seconds_to_expire")
	fail(err)
	logos, _, err := p.List("logos")
	fail(err)
	for _, logo := range logos {
		res, _, err := logo.String("res")
		fail(err)
		link, _, err := logo.String("url")
		fail(err)
		a.Logos = append(a.Logos, [2]string{res, link})
	}
	return a
}

const askedJSON = `{"message":"Transfer 100% & more? – ñ \ud83d\ude80","details":{"To":"ACME +1","Account Number":981266321,` +
	`"Amount":"10","none":null},"logos":[{"res":"default","url":"https:\/\/x.test/1.png?a=b&c"},` +
	`{"res":"low","url":"https://x.test/2.png"}],"seconds_to_expire":120,"hidden_details":null}`

const askedXML = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<approval-request>
	<message>Transfer 100% &amp; more? – ñ &#128640;</message>
	<details><To>ACME +1</To><Account-Number name="Account Number">981266321</Account-Number><Amount>10</Amount></details>
	<logos type="array">
		<logo><res>default</res><url>https://x.test/1.png?a=b&amp;c</url></logo>
		<logo><res>low</res><url><![CDATA[https://x.test/2.png]]></url></logo>
	</logos>
	<seconds_to_expire type="integer">120</seconds_to_expire>
	<hidden-details nil="true"/>
</approval-request>`

// pairs are the fields of a form; logo names are those of one of the three spellings.
func pairs(firstRes, firstURL, secondRes, secondURL string) [][2]string {
	return [][2]string{
		{"message", "Transfer 100% & more? – ñ 🚀"}, {"details[To]", "ACME +1"},
		{"details[Account Number]", "981266321"}, {"details[Amount]", "10"},
		{firstRes, "default"}, {firstURL, "https://x.test/1.png?a=b&c"},
		{secondRes, "low"}, {secondURL, "https://x.test/2.png"}, {"seconds_to_expire", "120"},
	}
}

func form(pairs [][2]string) string {
	var fields []string
	for _, p := range pairs {
		fields = append(fields, url.QueryEscape(p[0])+"="+url.QueryEscape(p[1]))
	}
	return strings.Join(fields, "&")
}

func rails() string {
	return form(pairs("logos[][res]", "logos[][url]", "logos[][res]", "logos[][url]"))
}

func multipartForm(t *testing.T, pairs [][2]string) (contentType, body string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, p := range pairs {
		if err := w.WriteField(p[0], p[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), out.String()
}

func TestReadParametersInEveryEncoding(t *testing.T) {
	t.Parallel()
	indexed := form(pairs("logos[0][res]", "logos[0][url]", "logos[1][res]", "logos[1][url]"))
	backwards := form(pairs("logos[10][res]", "logos[10][url]", "logos[2][res]", "logos[2][url]"))
	swapped := strings.NewReplacer("logos%5B10%5D", "logos%5B2%5D", "logos%5B2%5D", "logos%5B10%5D").Replace(backwards)
	mixed, rest, _ := strings.Cut(rails(), "&")
	multipartType, multipartBody := multipartForm(t, pairs("logos[][res]", "logos[][url]", "logos[][res]", "logos[][url]"))
	cases := map[string]struct{ query, contentType, body string }{
		"form as authy-ruby writes it":      {body: rails(), contentType: formType},
		"form with brackets in the clear":   {body: strings.NewReplacer("%5B", "[", "%5D", "]").Replace(rails()), contentType: formType},
		"form with a charset":               {body: rails(), contentType: formType + "; charset=utf-8"},
		"form without a content type":       {body: rails()},
		"form with indices, as npm authy":   {body: indexed, contentType: formType},
		"form with indices out of order":    {body: swapped, contentType: formType},
		"all in the query, as authy-php":    {query: rails()},
		"query and an empty JSON body":      {query: rails(), contentType: jsonType},
		"query and {}":                      {query: rails(), contentType: jsonType, body: "{}"},
		"query and []":                      {query: rails(), contentType: jsonType, body: "[]"},
		"query and null":                    {query: rails(), contentType: jsonType, body: "null"},
		"query and a body of spaces":        {query: rails(), contentType: jsonType, body: " \r\n"},
		"query and an empty form":           {query: rails(), contentType: formType},
		"query and an empty XML element":    {query: rails(), contentType: xmlType, body: "<hash/>"},
		"half query, half form":             {query: mixed, contentType: formType, body: rest},
		"half query, half JSON":             {query: "message=overruled&details[To]=overruled", contentType: jsonType, body: askedJSON},
		"JSON":                              {contentType: jsonType, body: askedJSON},
		"JSON with a charset":               {contentType: jsonType + ";charset=UTF-8", body: askedJSON},
		"JSON with a broken charset":        {contentType: jsonType + "; charset", body: askedJSON},
		"JSON by another name":              {contentType: "application/vnd.api+json", body: askedJSON},
		"JSON with a byte order mark":       {contentType: jsonType, body: "\uFEFF" + askedJSON},
		"JSON without a content type":       {body: askedJSON},
		"JSON with numbers as texts":        {contentType: jsonType, body: strings.ReplaceAll(askedJSON, "120", `"120"`)},
		"JSON with a repeated name":         {contentType: jsonType, body: strings.Replace(askedJSON, "{", `{"message":"first",`, 1)},
		"XML":                               {contentType: xmlType, body: askedXML},
		"XML by another name":               {contentType: "text/xml; charset=utf-8", body: askedXML},
		"XML without a content type":        {body: askedXML},
		"multipart, as PHP's curl":          {contentType: multipartType, body: multipartBody},
		"content type in other letters":     {contentType: "Application/JSON", body: askedJSON},
		"a repeated text, the last counts":  {query: "seconds_to_expire=1&" + rails()},
		"parameters nobody asks for":        {query: "utm[x][]=1&&=&[a]=1&" + rails()},
		"an empty text, then what is right": {query: "details=&logos=&" + rails()},
	}
	for name, c := range cases {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				got := readAsked(t, mustRead(t, request(method, c.query, c.contentType, c.body)))
				if !reflect.DeepEqual(got, wanted()) {
					t.Errorf("got  %+v\nwant %+v", got, wanted())
				}
			})
		}
	}
}

func TestReadParametersOfAUser(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ query, contentType, body string }{
		"authy-ruby":   {contentType: formType, body: "user[email]=a%40b.co&user[cellphone]=305-456-2345&user[country_code]=57"},
		"authy-php":    {query: "user%5Bemail%5D=a%40b.co&user%5Bcellphone%5D=305-456-2345&user%5Bcountry_code%5D=57&user[x]=1"},
		"authy-python": {contentType: jsonType, body: `{"user":{"email":"a@b.co","cellphone":"305-456-2345","country_code":57}}`},
		"authy-java XML": {contentType: xmlType,
			body: `<user><cellphone>305-456-2345</cellphone><country_code>57</country_code><email>a@b.co</email></user>`},
		"XML with dashes": {contentType: xmlType,
			body: `<user><cellphone>305-456-2345</cellphone><country-code type="integer">57</country-code><email>a@b.co</email></user>`},
		"split": {query: "user[email]=a@b.co", contentType: jsonType, body: `{"user":{"cellphone":"305-456-2345","country_code":"57"}}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mustRead(t, request("POST", c.query, c.contentType, c.body))
			for field, want := range map[string]string{"email": "a@b.co", "cellphone": "305-456-2345", "country_code": "57"} {
				if got, given, err := p.String("user", field); got != want || !given || err != nil {
					t.Errorf("%s is %q, %v, %v", field, got, given, err)
				}
			}
		})
	}
}

func TestAbsent(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*http.Request{
		"nothing":         request("GET", "", "", ""),
		"null":            request("POST", "", jsonType, `{"a":null,"b":{"c":null},"e":[null]}`),
		"empty form":      request("POST", "a", formType, "b[c]="),
		"nil in XML":      request("POST", "", xmlType, `<hash><a nil="true"/><b><c nil="true"></c></b></hash>`),
		"another name":    request("POST", "A=1&b[C]=1&B[c]=1", "", ""),
		"null in a query": request("GET", "a=null&b[c]=null&d=null&e=null", "", ""),
		"null in a form":  request("POST", "", formType, "a=+null&b[c]=null%0a&d=null&e=null"),
		"null as a text":  request("POST", "", jsonType, `{"a":"null","b":{"c":"null"},"d":"null","e":"null"}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mustRead(t, r)
			if n, given, err := p.Integer("a"); n != 0 || given || err != nil {
				t.Errorf("integer %d, %v, %v", n, given, err)
			}
			if b, given, err := p.Bool("b", "c"); b || given || err != nil {
				t.Errorf("bool %v, %v, %v", b, given, err)
			}
			if list, given, err := p.Details("d"); list != nil || given || err != nil {
				t.Errorf("details %v, %v, %v", list, given, err)
			}
			if list, _, err := p.List("e"); list != nil || err != nil {
				t.Errorf("list %v, %v", list, err)
			}
		})
	}
}

func TestStringTellsEmptyFromAbsent(t *testing.T) {
	t.Parallel()
	p := mustRead(t, request("POST", "a=", jsonType, `{"b":"","c":null,"d":false,"e":1.50,"f":1e3}`))
	for name, want := range map[string]struct {
		text  string
		given bool
	}{"a": {"", true}, "b": {"", true}, "c": {"", false}, "d": {"false", true}, "e": {"1.50", true}, "f": {"1e3", true}} {
		if text, given, err := p.String(name); text != want.text || given != want.given || err != nil {
			t.Errorf("%s is %q, %v, %v; want %+v", name, text, given, err, want)
		}
	}
}

// The word null is a text like any other where a text is asked for.
func TestNullIsAWord(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"message=null&details[To]=null&logos[]=null", "details[To]=null&message=null&logos[0]=null"} {
		p := mustRead(t, request("POST", query, "", ""))
		if text, given, err := p.String("message"); text != "null" || !given || err != nil {
			t.Errorf("message is %q, %v, %v", text, given, err)
		}
		if list, given, err := p.Details("details"); list.Get("To") != "null" || !given || err != nil {
			t.Errorf("details are %v, %v, %v", list, given, err)
		}
		items, _, err := p.List("logos")
		if len(items) != 1 || err != nil {
			t.Fatalf("logos are %v, %v", items, err)
		}
		if text, _, err := items[0].String(); text != "null" || err != nil {
			t.Errorf("the logo is %q, %v", text, err)
		}
	}
}

func TestBool(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"true": true, "True": true, "TRUE": true, "1": true, "\ttrue\n": true, "false": false, "False": false, "0": false,
	} {
		p := mustRead(t, request("GET", "force="+url.QueryEscape(text), "", ""))
		if got, given, err := p.Bool("force"); got != want || !given || err != nil {
			t.Errorf("%q is %v, %v, %v", text, got, given, err)
		}
	}
	for body, want := range map[string]bool{`{"force":true}`: true, `{"force":1}`: true, `{"force":"0"}`: false, `{"force":false}`: false} {
		p := mustRead(t, request("GET", "", jsonType, body))
		if got, given, err := p.Bool("force"); got != want || !given || err != nil {
			t.Errorf("%s is %v, %v, %v", body, got, given, err)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query, body string
		want        []string
	}{
		"empty brackets":     {query: "events[]=a&events[]=b", want: []string{"a", "b"}},
		"indices":            {query: "events[1]=b&events[0]=a", want: []string{"a", "b"}},
		"a list of JSON":     {body: `{"events":["a",null,"b",""]}`, want: []string{"a", "b"}},
		"an empty list":      {body: `{"events":[]}`},
		"an empty object":    {body: `{"events":{}}`},
		"numbers":            {body: `{"events":[1,2]}`, want: []string{"1", "2"}},
		"one that is blank":  {query: "events[]="},
		"indices with holes": {query: "events[7]=b&events[3]=a", want: []string{"a", "b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, given, err := mustRead(t, request("POST", c.query, jsonType, c.body)).List("events")
			if err != nil || !given {
				t.Fatal(given, err)
			}
			var got []string
			for _, item := range list {
				text, _, err := item.String()
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, text)
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// A key that the last item has already begins a new one, as in Rails.
func TestListItemsOfAForm(t *testing.T) {
	t.Parallel()
	p := mustRead(t, request("POST", "l[][a]=1&l[][b][x]=2&l[][b][y]=3&l[][a]=4&l[][c][]=5&l[][c][]=6&l[][b][x]=7", "", ""))
	list, _, err := p.List("l")
	if err != nil || len(list) != 2 {
		t.Fatalf("%d items, %v", len(list), err)
	}
	for _, want := range []struct {
		item int
		path []string
		text string
	}{{0, []string{"a"}, "1"}, {0, []string{"b", "x"}, "2"}, {0, []string{"b", "y"}, "3"}, {1, []string{"a"}, "4"}, {1, []string{"b", "x"}, "7"}} {
		if text, _, err := list[want.item].String(want.path...); text != want.text || err != nil {
			t.Errorf("item %d, %v is %q, %v", want.item, want.path, text, err)
		}
	}
	if inner, _, err := list[1].List("c"); len(inner) != 2 || err != nil {
		t.Errorf("inner list has %d items, %v", len(inner), err)
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query, contentType, body string
		want                     details.List
	}{
		"an empty object":            {contentType: jsonType, body: `{"details":{}}`, want: details.List{}},
		"PHP's empty object":         {contentType: jsonType, body: `{"details":[]}`, want: details.List{}},
		"numbers, booleans, nulls":   {contentType: jsonType, body: `{"details":{"n":1,"b":true,"x":null}}`, want: details.List{{Name: "n", Value: "1"}, {Name: "b", Value: "true"}}},
		"a repeated name":            {query: "details[a]=1&details[b]=2&details[a]=3", want: details.List{{Name: "a", Value: "3"}, {Name: "b", Value: "2"}}},
		"a repeated name in JSON":    {contentType: jsonType, body: `{"details":{"a":1,"b":"2","a":"3"}}`, want: details.List{{Name: "a", Value: "3"}, {Name: "b", Value: "2"}}},
		"names that are numbers":     {query: "details[1]=b&details[0]=a", want: details.List{{Name: "1", Value: "b"}, {Name: "0", Value: "a"}}},
		"balanced brackets":          {query: "details[Amount [USD]]=5&details[[]]=6", want: details.List{{Name: "Amount [USD]", Value: "5"}, {Name: "[]", Value: "6"}}},
		"an empty value":             {query: "details[a]=&details[b]", want: details.List{{Name: "a"}, {Name: "b"}}},
		"semicolons and equal signs": {query: "details[a]=1;b=2", want: details.List{{Name: "a", Value: "1;b=2"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, given, err := mustRead(t, request("POST", c.query, c.contentType, c.body)).Details("details")
			if err != nil || !given || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, %v, %v", got, given, err)
			}
		})
	}
}

func TestManyDetailsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	var want details.List
	var fields, members []string
	for i := range 1000 {
		name := strconv.Itoa(i * 7919 % 1000)
		want = append(want, details.Detail{Name: name, Value: "v" + name})
		fields = append(fields, "details["+name+"]=v"+name)
		members = append(members, `"`+name+`":"v`+name+`"`)
	}
	for _, r := range []*http.Request{
		request("POST", "", formType, strings.Join(fields, "&")),
		request("POST", "", jsonType, `{"details":{`+strings.Join(members, ",")+`}}`),
	} {
		got, _, err := mustRead(t, r).Details("details")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d details, %v", len(got), err)
		}
	}
}

// Objects of many members are looked up in another way than small ones.
func TestManyMembers(t *testing.T) {
	t.Parallel()
	var fields, members []string
	var want details.List
	for _, round := range []string{"first", "last"} {
		for i := range 100 {
			name := "n" + strconv.Itoa(i)
			fields = append(fields, "details["+name+"]="+round+name)
			members = append(members, `"`+name+`":"`+round+name+`"`, `"null`+name+`":null`)
			if round == "last" {
				want = append(want, details.Detail{Name: name, Value: round + name})
			}
		}
	}
	top := strings.Join(members, ",")
	for name, p := range map[string]*parameters.Parameters{
		"form": mustRead(t, request("POST", "", formType, strings.Join(fields, "&"))),
		"JSON": mustRead(t, request("POST", "", jsonType, `{"details":{`+top+`},`+top+`}`)),
	} {
		if got, _, err := p.Details("details"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if text, given, err := p.String("details", "n7"); text != "lastn7" || !given || err != nil {
			t.Errorf("%s: n7 is %q, %v, %v", name, text, given, err)
		}
		if _, given, err := p.String("nulln7"); given || err != nil {
			t.Errorf("nulln7 is given: %v, %v", given, err)
		}
	}
}

func TestWrongValues(t *testing.T) {
	t.Parallel()
	str := func(path ...string) func(*parameters.Parameters) error {
		return func(p *parameters.Parameters) error { _, _, err := p.String(path...); return err }
	}
	integer := func(p *parameters.Parameters) error { _, _, err := p.Integer("n"); return err }
	boolean := func(p *parameters.Parameters) error { _, _, err := p.Bool("b"); return err }
	detailed := func(p *parameters.Parameters) error { _, _, err := p.Details("details"); return err }
	listed := func(p *parameters.Parameters) error { _, _, err := p.List("logos"); return err }
	logo := func(p *parameters.Parameters) error {
		list, _, err := p.List("logos")
		if err == nil {
			_, _, err = list[len(list)-1].String("res")
		}
		return err
	}
	for _, c := range []struct {
		query, body string
		read        func(*parameters.Parameters) error
		message     string
	}{
		{"message[a]=1", "", str("message"), "Invalid parameter: message - must be a text"},
		{"", `{"message":["a"]}`, str("message"), "Invalid parameter: message - must be a text"},
		{"user=ada", "", str("user", "email"), "Invalid parameter: user - must have parts, such as user[email]"},
		{"", `{"user":["ada"]}`, str("user", "email"), "Invalid parameter: user - must have parts, such as user[email]"},
		{"", `{"user":{"email":{}}}`, str("user", "email"), "Invalid parameter: user[email] - must be a text"},
		{"n=soon", "", integer, "Invalid parameter: n - must be a whole number"},
		{"n=1.5", "", integer, "Invalid parameter: n - must be a whole number"},
		{"", `{"n":1e3}`, integer, "Invalid parameter: n - must be a whole number"},
		{"", `{"n":true}`, integer, "Invalid parameter: n - must be a whole number"},
		{"n=-9223372036854775809", "", integer, "Invalid parameter: n - is too far from zero"},
		{"b=maybe", "", boolean, "Invalid parameter: b - must be true or false"},
		{"", `{"b":2}`, boolean, "Invalid parameter: b - must be true or false"},
		{"details=a", "", detailed,
			`Invalid parameter: details - must be names with values, such as details[Amount]=12 in a form or {"Amount":"12"} in JSON`},
		{"", `{"details":["a"]}`, detailed,
			`Invalid parameter: details - must be names with values, such as details[Amount]=12 in a form or {"Amount":"12"} in JSON`},
		{"", `{"details":{"a":{"b":"c"}}}`, detailed, "Invalid parameter: details[a] - must be a text"},
		{"details[a][]=1", "", detailed, "Invalid parameter: details[a] - must be a text"},
		{"logos=x", "", listed, "Invalid parameter: logos - must be a list, such as logos[]"},
		{"logos[res]=x", "", listed, "Invalid parameter: logos - must be a list, such as logos[]"},
		{"", `{"logos":[{"res":"a"},{"res":{"b":1}}]}`, logo, "Invalid parameter: logos[1][res] - must be a text"},
		{"logos[]=x", "", logo, "Invalid parameter: logos[0] - must have parts, such as logos[0][res]"},
	} {
		t.Run(c.query+c.body, func(t *testing.T) {
			t.Parallel()
			err := c.read(mustRead(t, request("POST", c.query, jsonType, c.body)))
			mustRefuse(t, err, onetouch.CodeInvalidParameter, c.message)
		})
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	const parameter, whole, encoding = onetouch.CodeInvalidParameter, onetouch.CodeInvalidRequest, onetouch.CodeInvalidEncoding
	for _, c := range []struct {
		query, contentType, body string
		code                     onetouch.Code
		message                  string
	}{
		{"message=%zz", "", "", parameter, "Invalid parameter: message - has a wrong percent-encoding in the query, write % as %25"},
		{"", formType, "a=1&message=100%", parameter, "Invalid parameter: message - has a wrong percent-encoding in the body, write % as %25"},
		{"mess%4=1", "", "", whole, "Invalid request: the query has a wrong percent-encoding at mess%4=1"},
		{"message=%ff", "", "", encoding, "Invalid parameter: message - is not valid UTF-8"},
		{"details[%ff]=1", "", "", encoding, "Invalid parameter: details[\uFFFD] - has a name that is not valid UTF-8"},
		{"", formType, "message=\xff", encoding, "Invalid parameter: message - is not valid UTF-8"},
		{"details[a=1", "", "", parameter, "Invalid parameter: details[a - has brackets in its name that do not match"},
		{"details[a]b=1", "", "", parameter, "Invalid parameter: details[a]b - has brackets in its name that do not match"},
		{"details[a]]=1", "", "", parameter, "Invalid parameter: details[a]] - has brackets in its name that do not match"},
		{"a=1&a[b]=2", "", "", parameter, "Invalid parameter: a[b] - was given in two ways that exclude each other, such as a=1 and a[b]=2"},
		{"a[b]=1&a=2", "", "", parameter, "Invalid parameter: a - was given in two ways that exclude each other, such as a=1 and a[b]=2"},
		{"a[]=1&a[b]=2", "", "", parameter, "Invalid parameter: a[b] - was given in two ways that exclude each other, such as a=1 and a[b]=2"},
		{"", jsonType, `{"message":`, whole, "Invalid request: the body is not valid JSON: it breaks at byte 11"},
		{"", jsonType, `{"message":x}`, whole, "Invalid request: the body is not valid JSON: it breaks at byte 12"},
		{"", jsonType, `{"message":"a",}`, whole, "Invalid request: the body is not valid JSON: it breaks at byte 16"},
		{"", jsonType, `{"message" "a"}`, whole, "Invalid request: the body is not valid JSON: it breaks at byte 12"},
		{"", jsonType, "{\"a\":\"x\ty\"}", whole, "Invalid request: the body is not valid JSON: it breaks at byte 8"},
		{"", jsonType, `{1:2}`, whole, "Invalid request: the body is not valid JSON: it breaks at byte 2"},
		{"", jsonType, `{"a":1}{"a":2}`, whole, "Invalid request: the body is not valid JSON: it breaks at byte 8"},
		{"", jsonType, `{"a":1}}`, whole, "Invalid request: the body is not valid JSON: it breaks at byte 8"},
		{"", jsonType, `message=hello`, whole, "Invalid request: the body is not valid JSON: it breaks at byte 1"},
		{"", jsonType, `["a"]`, whole, `Invalid request: the body must be a JSON object, such as {"message":"Log in?"}`},
		{"", jsonType, `"a"`, whole, `Invalid request: the body must be a JSON object, such as {"message":"Log in?"}`},
		{"", jsonType, `7`, whole, `Invalid request: the body must be a JSON object, such as {"message":"Log in?"}`},
		{"", jsonType, `{"a":"\ud83d"}`, whole, "Invalid request: the body is not valid JSON: the escape at byte 7 is half of a character"},
		{"", jsonType, `{"a":"\\ud83d \ud83d\ude80 \ude80"}`, whole, "Invalid request: the body is not valid JSON: the escape at byte 28 is half of a character"},
		{"", jsonType, "{\"a\":\"\xff\"}", encoding, "Invalid request: the body is not valid UTF-8 at byte 7"},
		{"", xmlType, "<user><email></user>", whole, "Invalid request: the body is not valid XML at line 1, column 21"},
		{"", xmlType, "<user>\n</user><user></user>", whole, "Invalid request: the body is not valid XML at line 2, column 14"},
		{"", xmlType, "<user></user>x", whole, "Invalid request: the body is not valid XML at line 1, column 15"},
		{"", xmlType, "<user>", whole, "Invalid request: the body is not valid XML at line 1, column 7"},
		{"", xmlType, "plain", whole, "Invalid request: the body is not valid XML at line 1, column 6"},
		{"", xmlType, "<hash>plain</hash>", whole,
			"Invalid request: the root of an XML body must have elements, such as <user><email>…</email></user>"},
		{"", xmlType, "<hash><a>x<b/></a></hash>", parameter, "Invalid parameter: a - has text between its elements"},
		{"", xmlType, "<user>\xff</user>", encoding, "Invalid request: the body is not valid UTF-8 at byte 7"},
		{"", xmlType, `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, whole, "Invalid request: an XML body cannot have a document type"},
		{"", xmlType, `<a><b>&nbsp;</b></a>`, whole, "Invalid request: the body is not valid XML at line 1, column 13"},
		{"", xmlType, `<?xml version="1.0" encoding="ISO-8859-1"?><user/>`, whole, "Invalid request: XML in ISO-8859-1 cannot be read, use UTF-8"},
		{"", "text/plain", "message=a", whole,
			"Invalid request: Content-Type text/plain is not known, use application/x-www-form-urlencoded, application/json or application/xml"},
		{"", formType, ` {"message":"a"}`, whole,
			"Invalid request: Content-Type says form, but the body is JSON: send Content-Type: application/json"},
		{"", "multipart/form-data", "x", whole, "Invalid request: the body is not a multipart form with the boundary that Content-Type names"},
		{"", "multipart/form-data; boundary=b", "--c\r\n", whole,
			"Invalid request: the body is not a multipart form with the boundary that Content-Type names"},
		{"", "multipart/form-data; boundary=b",
			"--b\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"a.png\"\r\n\r\nx\r\n--b--\r\n", parameter,
			"Invalid parameter: logo - must be a text, not a file"},
	} {
		t.Run(c.query+c.contentType+c.body, func(t *testing.T) {
			t.Parallel()
			_, err := parameters.Read(request("POST", c.query, c.contentType, c.body), maxBody)
			mustRefuse(t, err, c.code, c.message)
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	const whole = onetouch.CodeInvalidRequest
	long := strings.Repeat("n", 1025)
	longError := "Invalid parameter: " + strings.Repeat("n", 100) + "… - has a name of more than 1024 bytes"
	for name, c := range map[string]struct {
		contentType, body string
		code              onetouch.Code
		message           string
	}{
		"deep form": {formType, "a" + strings.Repeat("[b]", 8) + "=1", whole, "Invalid request: parameters are nested more than 8 levels deep"},
		"deep JSON": {jsonType, strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9), whole,
			"Invalid request: parameters are nested more than 8 levels deep"},
		"very deep JSON": {jsonType, strings.Repeat("[", 500_000), whole, "Invalid request: parameters are nested more than 8 levels deep"},
		"deep XML": {xmlType, strings.Repeat("<a>", 10) + "1" + strings.Repeat("</a>", 10), whole,
			"Invalid request: parameters are nested more than 8 levels deep"},
		"many in a form": {formType, strings.Repeat("a[]=1&", 2501), whole, "Invalid request: there are more than 5000 parameters"},
		"many in JSON":   {jsonType, "{\"a\":[" + strings.Repeat("1,", 5000) + "1]}", whole, "Invalid request: there are more than 5000 parameters"},
		"many in XML":    {xmlType, "<a>" + strings.Repeat("<b/>", 5000) + "</a>", whole, "Invalid request: there are more than 5000 parameters"},
		"long in a form": {formType, long + "=1", onetouch.CodeInvalidParameter, longError},
		"long in JSON":   {jsonType, `{"` + long + `":1}`, onetouch.CodeInvalidParameter, longError},
		"long in XML":    {xmlType, "<hash><" + long + "/></hash>", onetouch.CodeInvalidParameter, longError},
		"large": {jsonType, `{"a":"` + strings.Repeat("a", maxBody) + `"}`, problem.CodeBodyTooLarge,
			"Invalid request: the body has more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parameters.Read(request("POST", "", c.contentType, c.body), maxBody)
			mustRefuse(t, err, c.code, c.message)
		})
	}
}

func TestAsDeepAndLargeAsAllowed(t *testing.T) {
	t.Parallel()
	mustRead(t, request("POST", "a"+strings.Repeat("[b]", 7)+"=1", jsonType, strings.Repeat(`{"a":`, 8)+"1"+strings.Repeat("}", 8)))
	body := `{"a":"` + strings.Repeat("a", maxBody-8) + `"}`
	p := mustRead(t, request("POST", "", jsonType, body))
	if text, _, err := p.String("a"); len(text) != maxBody-8 || err != nil {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

// unread counts what was read of it.
type unread struct{ count int }

func (u *unread) Read(p []byte) (int, error) { u.count += len(p); return len(p), nil }
func (u *unread) Close() error               { return nil }

func TestBodyThatIsTooLarge(t *testing.T) {
	t.Parallel()
	const message = "Invalid request: the body has more than 1048576 bytes"
	waiting := &unread{}
	r := request("POST", "", jsonType, "")
	r.Body, r.ContentLength = waiting, 10<<20
	r.Header.Set("Expect", "100-continue")
	_, err := parameters.Read(r, maxBody)
	mustRefuse(t, err, problem.CodeBodyTooLarge, message)
	if waiting.count != 0 {
		t.Errorf("%d bytes were read although the client waits for leave", waiting.count)
	}

	endless := &unread{}
	r = request("POST", "", jsonType, "")
	r.Body, r.ContentLength = endless, -1
	_, err = parameters.Read(r, maxBody)
	mustRefuse(t, err, problem.CodeBodyTooLarge, message)
	if endless.count > 64<<20 {
		t.Errorf("%d bytes of an endless body were read", endless.count)
	}
}

func TestBodyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := request("POST", "", jsonType, "")
	r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("{"), failing{})), -1
	_, err := parameters.Read(r, maxBody)
	mustRefuse(t, err, onetouch.CodeInvalidRequest, "Invalid request: the body ended early")

	r = request("POST", "", jsonType, "{}")
	r.Header.Set("Content-Encoding", "gzip")
	_, err = parameters.Read(r, maxBody)
	mustRefuse(t, err, onetouch.CodeInvalidRequest, "Invalid request: a body with Content-Encoding gzip cannot be read, send it plain")
}

// What is not UTF-8 would be read wrongly; ASCII under another name would not.
func TestCharsetOfABody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		charset, body string
		refused       bool
	}{
		{"utf-8", `{"a":"é"}`, false}, {"UTF8", `{"a":"é"}`, false}, {"US-ASCII", `{"a":"e"}`, false},
		{"ISO-8859-1", `{"a":"e"}`, false}, {"windows-1252", `{"a":"e"}`, false},
		{"ISO-8859-1", "{\"a\":\"é\"}", true}, {"utf-16", `{"a":"e"}`, true}, {"\"shift_jis\"", `{"a":"e"}`, true},
	} {
		_, err := parameters.Read(request("POST", "", jsonType+"; charset="+c.charset, c.body), maxBody)
		if !c.refused {
			if err != nil {
				t.Errorf("%s: %v", c.charset, err)
			}
			continue
		}
		mustRefuse(t, err, onetouch.CodeInvalidRequest, "Invalid request: a body in the charset "+
			strings.ToLower(strings.Trim(c.charset, `"`))+" cannot be read, send it in UTF-8")
	}
}

func TestBodyThatIsTooSlow(t *testing.T) {
	t.Parallel()
	r := request("POST", "", jsonType, "")
	r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("{"), late{})), 90
	_, err := parameters.Read(r, maxBody)
	mustRefuse(t, err, onetouch.CodeInvalidRequest, "Invalid request: the body did not arrive in time")
}

type late struct{}

func (late) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestErrorsFitOneLine(t *testing.T) {
	t.Parallel()
	_, err := parameters.Read(request("POST", "a%0Ab%1b[31m=1&details["+strings.Repeat("x", 300)+"=1", "", ""), maxBody)
	if err == nil || strings.ContainsAny(err.Error(), "\n\x1b") || len(err.Error()) > 300 {
		t.Errorf("got %q", err)
	}
}

// A short text that is kept, such as a message, does not keep the large body in memory that it came in.
func TestShortTextOfLargeBody(t *testing.T) {
	t.Parallel()
	const bodies = 64
	nothing := strings.Repeat("a", maxBody-100)
	for contentType, body := range map[string]string{
		jsonType: `{"message":"Log in?","details":{"a":"b"},"logos":[{"res":"c"}],"nothing":"` + nothing + `"}`,
		formType: "message=Log&details[a]=b&logos[][res]=c&nothing=" + nothing,
	} {
		var kept []string
		for range bodies {
			p := mustRead(t, request("POST", "", contentType, body))
			message, _, _ := p.String("message")
			list, _, _ := p.Details("details")
			logos, _, _ := p.List("logos")
			res, _, _ := logos[0].String("res")
			kept = append(kept, message, list[0].Name, list[0].Value, res)
		}
		runtime.GC()
		var memory runtime.MemStats
		if runtime.ReadMemStats(&memory); memory.HeapAlloc > bodies*maxBody/2 {
			t.Errorf("%s: %d bytes are held for %d texts", contentType, memory.HeapAlloc, len(kept))
		}
		runtime.KeepAlive(kept)
	}
}
