package authyapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/authyapi"
	"github.com/onetouchkit/onetouch/internal/server/route"
)

// insides are words that only our own code, or Go's, would say.
var insides = regexp.MustCompile(
	`strconv|\bjson: |\bxml: |runtime|goroutine|\bsql|SQL|sqlite|invalid syntax|%!|<nil>|\.go:|interface ?\{|nmarshal|panic|authywire`)

// mustBeSound checks that an answer is one of the Authy API whatever was asked, and says nothing of our insides.
func mustBeSound(t *testing.T, what string, a answer) {
	t.Helper()
	if a.status == 200 && a.header.Get("Content-Type") == "image/png" {
		return
	}
	if a.status >= 500 || a.status != 200 && a.status < 400 {
		t.Errorf("%s: got %s", what, a)
	}
	if found := insides.FindString(a.body); found != "" {
		t.Errorf("%s: %s says %q", what, a, found)
	}
	if a.status != 200 {
		a.mustRefuse(t, a.status, refusalOf(t, a).ErrorCode, refusalOf(t, a).Message)
	}
}

// attempt is one wrong way, or an unusual one, to send a parameter.
type attempt struct {
	what        string
	contentType string
	body        string
	// want is the error code of the refusal; "" when the call may succeed or be refused for a reason of its own.
	want string
	says string // what the refusal's message says
}

// formWith are the parameters of an example with others in place of those of one name and its parts; rest is added as it is.
func formWith(x example, name, rest string) string {
	parameters := url.Values{}
	for other, values := range x.parameters {
		if other != name && !strings.HasPrefix(other, name+"[") {
			parameters[other] = values
		}
	}
	return strings.Trim(parameters.Encode()+"&"+rest, "&")
}

// isScalar reports whether a parameter that has parts is refused for that. A key that has parts is simply no key.
func isScalar(p authyapi.Parameter) bool {
	isKey := p.Name == "app_api_key" || p.Name == "access_key"
	return !isKey && slices.Contains([]authyapi.Kind{authyapi.Text, authyapi.Integer, authyapi.Bool}, p.Kind)
}

// attemptsOf are the ways to send one parameter wrong, or unusually.
func attemptsOf(x example, p authyapi.Parameter) []attempt {
	name := url.QueryEscape(p.Name)
	invalid := "Invalid parameter: " + p.Name + " - "
	form := func(what, rest, want, says string) attempt {
		return attempt{p.Name + " " + what, formType, formWith(x, p.Name, rest), want, says}
	}
	code, words := codeOf(x.Endpoint, p)
	wantIf := func(condition bool, want, says string) (string, string) {
		if condition {
			return want, says
		}
		return "", ""
	}
	missing, missingSays := wantIf(p.Required, "60004", invalid)
	parts, partsSays := wantIf(isScalar(p), code, words)
	typed, typedSays := wantIf(p.Kind != authyapi.Text, code, words)
	attempts := []attempt{
		form("missing", "", missing, missingSays),
		form("empty", name+"=", missing, missingSays),
		form("blank", name+"=+%09", missing, missingSays),
		form("with parts", name+"[a]=b", parts, partsSays),
		form("a list", name+"[]=b", parts, partsSays),
		form("a list of lists", name+"[][][]=b", parts, partsSays),
		form("of another type", name+"=maybe", typed, typedSays),
		form("in two ways", name+"=b&"+name+"[a]=b", code, words),
		form("not in UTF-8", name+"=%ff", "60005", invalid),
		form("with a wrong escape", name+"=%zz", code, words),
		form("with a NUL", name+"=%00", "", ""),
		form("with odd characters", name+"=%0a%e2%80%ae%f0%9f%9a%80%3Cscript%3E%27%22%3B--", "", ""),
		form("very long", name+"="+strings.Repeat("9", 20_000), "", ""),
		form("negative", name+"=-1", "", ""),
	}
	if p.Kind == authyapi.Integer {
		for _, wrong := range []string{"1.5", "1e3", "0x10", "99999999999999999999", "--1", "1 2"} {
			attempts = append(attempts, form("as "+wrong, name+"="+url.QueryEscape(wrong), code, words))
		}
	}
	if p.Kind != authyapi.Text { // a text may be that word
		attempts = append(attempts, form("as null", name+"=null", missing, missingSays))
	}
	for what, rest := range wrongParts(p) {
		attempts = append(attempts, form(what, rest, code, ""))
	}
	return append(attempts, jsonAttempts(x, p, missing)...)
}

// wrongParts are the ways to send the parts of a parameter that has some wrong.
func wrongParts(p authyapi.Parameter) map[string]string {
	name, many := url.QueryEscape(p.Name), strings.Builder{}
	for i := range 101 {
		fmt.Fprintf(&many, "&%s[%d]=v", name, i)
	}
	return map[authyapi.Kind]map[string]string{
		authyapi.Names: {
			"with parts of parts": name + "[a][b]=c", "with a list in it": name + "[a][]=c", "with a long name": name + "[" +
				strings.Repeat("a", 201) + "]=b", "with a long value": name + "[a]=" + strings.Repeat("b", 5001),
			"with a blank name": name + "[+]=b", "with too many": many.String()[1:],
		},
		authyapi.Objects: {
			"with a part that is a list": name + "[][res][]=low&" + name + "[][url]=http://h/", "with texts": name + "[]=http://h/",
			"with a wrong part": name + "[][res]=huge&" + name + "[][url]=http://h/", "without a part": name + "[][res]=low",
			"of one object": name + "[res]=low&" + name + "[url]=http://h/",
		},
		authyapi.Texts: {
			"with an object": name + "[][a]=user_added", "with an unknown one": name + "[]=user_added&" + name + "[]=nothing",
			"with a long one": name + "[]=" + strings.Repeat("a", 3000),
		},
	}[p.Kind]
}

// codeOf is the error code of a parameter's wrong values, and how the refusal begins.
func codeOf(e authyapi.Endpoint, p authyapi.Parameter) (code, says string) {
	inWordsOf60004 := "Invalid parameter: " + p.Name
	switch {
	case strings.HasSuffix(e.Path, "/users/new") && p.Kind == authyapi.Text:
		return "60027", "User was not valid"
	case strings.HasSuffix(e.Path, "/update"):
		return "60038", "Email is invalid"
	case p.Name == "phone_number" || p.Name == "country_code":
		return "60033", "Phone number is invalid"
	case strings.HasSuffix(e.Path, "/verification/start"):
		return "60042", inWordsOf60004
	case key(e) == "POST /dashboard/{format}/application/webhooks" && !strings.HasSuffix(p.Name, "_key"):
		return "60098", inWordsOf60004
	default:
		return "60004", inWordsOf60004
	}
}

// jsonAttempts send one parameter in JSON, alone in its body, and the others in the query, where they do no harm.
func jsonAttempts(x example, p authyapi.Parameter, missing string) []attempt {
	var attempts []attempt
	scalar := ""
	if isScalar(p) {
		scalar, _ = codeOf(x.Endpoint, p)
	}
	for value, want := range map[string]string{
		"null": missing, `""`: missing, "[]": "", "{}": "", "1": "", "-1.5e300": "", "true": "", `"\u0000\ud83d\ude80"`: "",
		"[1]": scalar, `{"a":1}`: scalar, `[[[]]]`: "", `"\ud83d"`: "60002", "1.": "60002", "tru": "60002",
		strings.Repeat("[", 100): "60002",
	} {
		body := value
		path := strings.FieldsFunc(p.Name, func(char rune) bool { return strings.ContainsRune("[]", char) })
		for _, part := range slices.Backward(path) {
			quoted, _ := json.Marshal(part)
			body = fmt.Sprintf("{%s:%s}", quoted, body)
		}
		attempts = append(attempts, attempt{p.Name + " in JSON as " + value[:min(20, len(value))], jsonType, body, want, ""})
	}
	return attempts
}

// Whatever a parameter of a call is, the answer is one of the Authy API, and a call that is refused for its parameters
// leaves nothing behind.
func TestWrongParameters(t *testing.T) {
	t.Parallel()
	shared := newTriedService(t)
	tried := map[authyapi.Kind]int{}
	everyEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		s := shared
		if e.Access == route.Manager {
			s = newTriedService(t) // an application has at most 100 webhooks
		}
		for _, p := range e.Parameters {
			tried[p.Kind]++
			for _, attempted := range attemptsOf(s.example(t, e), p) {
				x := s.example(t, e)
				path := x.path(t, "json")
				if attempted.contentType == jsonType { // the others in the query
					path += "?" + formWith(x, p.Name, "")
				}
				before := s.lastEvent(t)
				a := s.sendBody(t, x, path, attempted.contentType, attempted.body)
				mustBeSound(t, attempted.what, a)
				s.mustRefuseIf(t, attempted, a)
				if a.status == 400 && s.lastEvent(t) != before {
					t.Errorf("%s: %s left an event", attempted.what, a)
				}
				if strings.Contains(attempted.what, "NUL") && e.Access != route.Public {
					s.mustSayTheSame(t, e, attempted, a)
				}
			}
		}
	})
	if len(tried) != 6 {
		t.Errorf("parameters of these kinds were tried: %v", tried)
	}
}

// mustSayTheSame makes an attempt in XML, too. What a text holds must not be lost in one of the formats.
func (s *service) mustSayTheSame(t *testing.T, e authyapi.Endpoint, attempted attempt, inJSON answer) {
	t.Helper()
	inXML := s.sendBody(t, s.example(t, e), s.example(t, e).path(t, "xml"), attempted.contentType, attempted.body)
	if inJSON.status == 400 && inXML.status == 400 {
		sameFacts(t, inJSON, inXML)
	}
	if inXML.status == 200 && strings.Contains(inXML.body, "&#65533;") {
		t.Errorf("%s: got %s", attempted.what, inXML)
	}
}

func (s *service) mustRefuseIf(t *testing.T, attempted attempt, a answer) {
	t.Helper()
	if attempted.want == "" {
		return
	}
	if r := refusalOf(t, a); a.status != 400 || r.ErrorCode != attempted.want || !strings.HasPrefix(r.Message, attempted.says) {
		t.Errorf("%s: got %s, want a refusal with %s %s", attempted.what, a, attempted.want, attempted.says)
	}
}

// Of a parameter that is repeated the last one holds; one that nobody asks for changes nothing; and a call is the same in
// every encoding.
func TestUnusualParameters(t *testing.T) {
	t.Parallel()
	s := newTriedService(t)
	everyEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		for _, send := range []func(example) answer{
			func(x example) answer { // each parameter twice, a wrong one first
				form := url.Values{}
				for name := range x.parameters {
					form.Set(name, "%\x00")
				}
				for name := range x.parameters {
					if strings.Contains(name, "[]") {
						form.Del(name) // a list that is repeated grows
					}
				}
				return s.sendBody(t, x, x.path(t, "json"), formType, strings.Trim(form.Encode()+"&"+x.parameters.Encode(), "&"))
			},
			func(x example) answer {
				form := x.parameters.Encode() + "&unheard_of=1&unknown[]=2&%5B%5D=3&=4&user[unheard_of]=5"
				return s.sendBody(t, x, x.path(t, "json"), formType, form)
			},
			func(x example) answer { // as authy-php does
				return s.sendBody(t, x, x.path(t, "json")+"?"+x.parameters.Encode(), "", "")
			},
			func(x example) answer { return s.sendBody(t, x, x.path(t, "json"), jsonType, inJSON(x.parameters)) },
			func(x example) answer { return s.sendBody(t, x, x.path(t, "json"), xmlType, inXML(x.parameters)) },
			func(x example) answer { // JSON is sent and XML asked for
				return s.sendBody(t, x, x.path(t, "xml"), jsonType, inJSON(x.parameters))
			},
			func(x example) answer { // as npm authy does on a GET: a body that says form and is empty
				return s.sendBody(t, x, x.path(t, "json")+"?"+x.parameters.Encode(), formType, "")
			},
			func(x example) answer { // as authy-java does
				return s.sendBody(t, x, x.path(t, "json")+"?"+x.parameters.Encode(), jsonType, "")
			},
			func(x example) answer { // slashes that a base URL made too many
				return s.sendBody(t, x, "/"+x.path(t, "json")+"/?"+x.parameters.Encode(), "", "")
			},
		} {
			if a := send(s.example(t, e)); a.status != 200 {
				t.Errorf("got %s", a)
			}
		}
	})
}

// tree is a form as objects.
func tree(form url.Values) map[string]any {
	root := map[string]any{}
	for name, values := range form {
		at := root
		path := strings.Split(strings.ReplaceAll(name, "]", ""), "[")
		for _, part := range path[:len(path)-1] {
			if at[part] == nil {
				at[part] = map[string]any{}
			}
			at = at[part].(map[string]any)
		}
		at[path[len(path)-1]] = values[0]
	}
	return root
}

func inJSON(form url.Values) string {
	text, _ := json.Marshal(tree(form))
	return string(text)
}

func inXML(form url.Values) string {
	var write func(any) string
	write = func(value any) string {
		object, isObject := value.(map[string]any)
		if !isObject {
			return fmt.Sprint(value)
		}
		var text strings.Builder
		for name, member := range object {
			fmt.Fprintf(&text, `<member name=%q>%s</member>`, name, write(member))
		}
		return text.String()
	}
	return "<hash>" + write(tree(form)) + "</hash>"
}

// A body that cannot be read is refused on every call, also where no parameter is asked for.
func TestWrongBodies(t *testing.T) {
	t.Parallel()
	s := newTriedService(t)
	everyEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		x := s.example(t, e)
		before := s.lastEvent(t)
		for _, c := range []struct{ contentType, body, want string }{
			{jsonType, "{", "60002"}, {jsonType, `{"a":}`, "60002"}, {jsonType, `{"a":1}}`, "60002"}, {jsonType, `"a"`, "60002"},
			{jsonType, "{\"a\":\"\xff\"}", "60005"}, {jsonType, "<hash/>", "60002"}, {jsonType, "a=b", "60002"},
			{jsonType, strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50), "60002"},
			{jsonType, `{"a":[` + strings.Repeat(`1,`, 6000) + `1]}`, "60002"},
			{xmlType, "<hash>", "60002"}, {xmlType, "<a></b>", "60002"}, {xmlType, "{}", "60002"}, {xmlType, "<a>&b;</a>", "60002"},
			{xmlType, `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "60002"}, {xmlType, "<a>\xff</a>", "60005"},
			{xmlType, `<?xml version="1.0" encoding="UTF-16"?><a/>`, "60002"},
			{formType, "%=1", "60002"}, {formType, "\xff=1", "60005"}, {formType, `{"a":1}`, "60002"},
			{formType, "a[b=1", "60004"}, {formType, "a" + strings.Repeat("[a]", 20) + "=1", "60002"},
			{formType, strings.Repeat("a", 2000) + "=1", "60004"},
			{"text/csv", "a,b", "60002"}, {"multipart/form-data", "a", "60002"}, {"multipart/form-data; boundary=x", "--y", "60002"},
			{"application/octet-stream", "\x00", "60002"},
		} {
			a := s.sendBody(t, x, x.path(t, "json"), c.contentType, c.body)
			mustBeSound(t, c.body[:min(40, len(c.body))], a)
			if r := refusalOf(t, a); a.status != 400 || r.ErrorCode != c.want {
				t.Errorf("%s %.40q: got %s, want %s", c.contentType, c.body, a, c.want)
			}
			if e.Access == route.Public {
				continue // has no format
			}
			inXML := s.sendBody(t, x, x.path(t, "xml"), c.contentType, c.body)
			sameFacts(t, a, inXML)
		}
		header := http.Header{"X-Authy-Api-Key": {s.app.APIKey}, "Content-Encoding": {"gzip"}}
		s.do(t, x.Method, x.path(t, "json"), header, strings.NewReader("a=b")).mustRefuse(t, 400, "60002",
			"Invalid request: a body with Content-Encoding gzip cannot be read, send it plain")
		if s.lastEvent(t) != before {
			t.Error("a refusal left an event")
		}
	})
}

// Names in a path that name nothing are not there; the only other mistake in a path is to write it in something else than
// UTF-8, which leaves nothing behind.
func TestWrongNamesInPaths(t *testing.T) {
	t.Parallel()
	s := newTriedService(t)
	eachEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		x := s.example(t, e)
		before := s.lastEvent(t)
		for name, right := range x.values {
			for _, wrong := range []string{
				"tony", "0", "-1", "1.5", "+1", "01x", "99999999999999999999", "9223372036854775807", "\xff", "\x00", "%", "a/b", "..", ".",
				" ", "ñ🚀", "'; DROP TABLE users; --", "{id}", strings.Repeat("9", 3000), right + "\n", " " + right,
			} {
				x.values[name] = wrong
				a := s.send(t, x, "json")
				mustBeSound(t, fmt.Sprintf("%s %.40q", name, wrong), a)
				if wrong == "\xff" {
					a.mustRefuse(t, 400, "60005", "Invalid request: the path is not valid UTF-8")
				} else if a.status != 404 && a.status != 401 {
					t.Errorf("%s %.40q: got %s", name, wrong, a)
				}
				sameFacts(t, a, s.send(t, x, "xml"))
			}
			x.values[name] = right
		}
		events, err := s.Events(t.Context(), onetouch.EventFilter{After: before})
		must(t, err)
		for _, event := range events {
			if event.Type != "token_invalid" { // which is what a wrong token in the path makes
				t.Errorf("a refusal left the event %+v", event)
			}
		}
	})
}

// Every method that a path does not take is refused with those that it takes.
func TestWrongMethods(t *testing.T) {
	t.Parallel()
	allowed := map[string][]string{}
	for _, e := range keyedEndpoints() {
		allowed[e.Path] = append(allowed[e.Path], e.Method)
	}
	s := newTriedService(t)
	eachEndpoint(t, func(t *testing.T, e authyapi.Endpoint) {
		path := s.example(t, e).path(t, "json")
		slices.Sort(allowed[e.Path])
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} {
			if slices.Contains(allowed[e.Path], method) {
				continue
			}
			a := s.call(t, method, path, formType, "a=b")
			a.mustRefuse(t, 405, "60002", "Method "+method+" is not allowed here, use "+strings.Join(allowed[e.Path], " or "))
			if got := a.header.Get("Allow"); got != strings.Join(allowed[e.Path], ", ") {
				t.Errorf("Allow is %q", got)
			}
		}
		s.call(t, e.Method, strings.Replace(path, "/json/", "/yaml/", 1), "", "").mustRefuse(t, 404, "60002",
			`Unknown format "yaml": use json or xml`)
		s.call(t, e.Method, path+"/x/y", "", "").mustRefuse(t, 404, "60002", "Path not found: "+path+"/x/y")
	})
}
