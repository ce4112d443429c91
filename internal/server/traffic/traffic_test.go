package traffic_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/route"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
)

var moment = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// logged is an API with one route, whose calls are remembered.
func logged(t *testing.T, api traffic.API, path string, serve http.HandlerFunc) (*traffic.Log, *httptest.Server) {
	t.Helper()
	log := traffic.NewLog(onetouch.NewManualClock(moment))
	family := route.Family{Around: log.Around(api)}
	for _, method := range []string{"GET", "POST", "DELETE"} {
		family.Routes = append(family.Routes, route.Route{Method: method, Path: path, Access: route.Public, Handle: serve})
	}
	server := httptest.NewServer(route.Handler(family))
	t.Cleanup(server.Close)
	return log, server
}

// ask makes a call and returns the body of the answer, or why there was none.
func ask(t *testing.T, server *httptest.Server, method, target, contentType, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("X-Authy-API-Key", "the-API-key")
	r.Header.Set("Authorization", "Bearer the-token")
	r.Header.Set("User-Agent", "tester")
	response, err := server.Client().Do(r)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return string(content)
}

// echo answers what it got.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
	w.Header().Set("X-Other", "of no interest")
	body, _ := io.ReadAll(r.Body)
	_, _ = w.Write(body)
}

func TestCall(t *testing.T) {
	t.Parallel()
	log, server := logged(t, traffic.Authy, "/protected/{format}/users/{id}/status", func(w http.ResponseWriter, r *http.Request) {
		notes := traffic.NotesOf(r.Context())
		notes.Application("app")
		notes.Fault("fault 3")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error_code":"60026"}`)
	})
	ask(t, server, "GET", "/protected/json/users/77/status?api_key=x&a=b", "", "")
	calls := log.Calls(0)
	if len(calls) != 1 || log.Last() != 1 {
		t.Fatalf("there are %d calls, the last is %d", len(calls), log.Last())
	}
	c := calls[0]
	if c.Took <= 0 {
		t.Error("it took no time")
	}
	c.Took = 0
	want := traffic.Call{
		ID: 1, At: moment, API: traffic.Authy, Method: "GET", Path: "/protected/json/users/77/status?api_key=…&a=b",
		Route: "/protected/{format}/users/{id}/status", AppID: "app", AuthyID: 77, Status: 404, ErrorCode: "60026", Fault: "fault 3",
		Request: traffic.Message{Headers: []traffic.Header{
			{Name: "Authorization", Value: "…"}, {Name: "Content-Type", Value: ""}, {Name: "User-Agent", Value: "tester"},
			{Name: "X-Authy-Api-Key", Value: "…"},
		}},
		Response: traffic.Message{
			Size: 22, Body: `{"error_code":"60026"}`, Headers: []traffic.Header{{Name: "Content-Type", Value: "application/json"}},
		},
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got  %+v\nwant %+v", c, want)
	}
}

func notFound(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusNotFound) }

// A call that no route takes is one, too.
func TestStray(t *testing.T) {
	t.Parallel()
	log := traffic.NewLog(onetouch.SystemClock{})
	server := httptest.NewServer(route.Handler(route.Family{
		Around: log.Around(traffic.Authy), Refuse: notFound,
	}, route.Family{Prefix: "/control", Refuse: notFound}))
	t.Cleanup(server.Close)
	ask(t, server, "PUT", "/onetouch/jsn/x", "", "")
	ask(t, server, "PUT", "/control/x", "", "")
	calls := log.Calls(0)
	if len(calls) != 1 || calls[0].Path != "/onetouch/jsn/x" || calls[0].Route != "" || calls[0].Status != 404 {
		t.Errorf("got %+v", calls)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	log, server := logged(t, traffic.Authy, "/x/{token}/{id}", echo)
	for body, want := range map[string]string{
		`{"access_token":"a\"b","totp":{"secret":"S"},"name":"n"}`: `{"access_token":"…","totp":{"secret":"…"},"name":"n"}`,
		`{ "token" : "1234567", "code": 12345 }`:                   `{ "token" : "…", "code": "…" }`,
		`{"token":"is valid","errors":{"code":"not_found"}}`:       `{"token":"is valid","errors":{"code":"not_found"}}`,
		`{"access_token":"cut off`:                                 `{"access_token":"…"`,
		`{"note":"secret","push":{"token":"t"}}`:                   `{"note":"secret","push":{"token":"…"}}`,
		`<user><api-key type="x">k</api-key><id>1</id></user>`:     `<user><api-key type="x">…</api-key><id>1</id></user>`,
		`<token>is invalid</token><registration_token>x`:           `<token>is invalid</token><registration_token>…`,
		`api%5Fkey=k&message=a+b&verification_code=12&code=`:       `api%5Fkey=…&message=a+b&verification_code=…&code=`,
		"--b\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\nk\r\n--b--": "--b\r\nContent-Disposition: " +
			"form-data; name=\"api_key\"\r\n\r\n…\r\n--b--",
		`FactorType=totp&Binding.Secret=GEZDGNBVGY3TQOJQ&Binding%2ESecret=A`:                        `FactorType=totp&Binding.Secret=…&Binding%2ESecret=…`,
		`AuthPayload=123+456&code=12%203&code=invalid_token`:                                        `AuthPayload=…&code=…&code=invalid_token`,
		`AuthPayload=123456&x=1&AuthPayload=MEUCIQ`:                                                 `AuthPayload=…&x=1&AuthPayload=MEUCIQ`,
		`{"binding":{"secret":"A","uri":"otpauth://totp/a?secret=A"},"uri":"https://bank.example"}`: `{"binding":{"secret":"…","uri":"…"},"uri":"https://bank.example"}`,
		"\xff\x00": "", "": "",
	} {
		if said := ask(t, server, "POST", "/x/1234567/5", "text/plain", body); said != body {
			t.Fatalf("the API saw %q of %q", said, body)
		}
		c, found := log.Call(log.Last())
		if !found || c.Request.Body != want || c.Response.Body != want || c.Path != "/x/…/5" || c.Request.Size != int64(len(body)) {
			t.Errorf("%s\nis remembered as %+v", body, c)
		}
		if c.Request.Cut != (body != "" && want == "") {
			t.Errorf("%s: cut is %t", body, c.Request.Cut)
		}
	}
}

// Of large bodies and paths the beginning is kept, never half a character.
// A call that no route takes may be a misspelt one, whose code nobody has used up.
func TestCodeInAStrayPath(t *testing.T) {
	t.Parallel()
	log := traffic.NewLog(onetouch.SystemClock{})
	server := httptest.NewServer(route.Handler(route.Family{
		Around: log.Around(traffic.Authy), Refuse: notFound, Routes: []route.Route{
			{Method: "GET", Path: "/protected/{format}/verify/{token}/{id}", Access: route.Public, Handle: echo},
		},
	}))
	t.Cleanup(server.Close)
	ask(t, server, "PUT", "/protected/json/verify/1234567/1000", "text/plain", "")
	ask(t, server, "GET", "/protected/json/verfy/1234567/1000?a=1", "text/plain", "")
	var paths []string
	for _, call := range log.Calls(0) {
		paths = append(paths, call.Path)
	}
	want := []string{"/protected/json/verify/…/1000", "/protected/json/verfy/…/1000?a=1"}
	if !reflect.DeepEqual(paths, want) {
		t.Errorf("the paths are %q, want %q", paths, want)
	}
}

// A caller who reads the log holds up no call: what the log says is made readable apart from it.
func BenchmarkCalls(b *testing.B) {
	log := traffic.NewLog(onetouch.SystemClock{})
	body := `{"details":{` + strings.Repeat(`"Some detail":"some value here",`, 120) + `"x":"y"}}`
	served := log.Around(traffic.Authy)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }))
	for range traffic.Kept {
		served.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/onetouch/json/users/1/approval_requests", nil))
	}
	for b.Loop() {
		log.Calls(0)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	log, server := logged(t, traffic.Device, "/device/v1/x", echo)
	const size = 100_001
	if said := ask(t, server, "POST", "/device/v1/x?q="+strings.Repeat("q", 9000), "", strings.Repeat("é", size)); len(said) != 2*size {
		t.Fatalf("the API saw %d bytes", len(said))
	}
	c, _ := log.Call(1)
	if c.Request.Size != 2*size || !c.Request.Cut || strings.Trim(c.Request.Body, "é") != "" || len(c.Request.Body) != 4096 {
		t.Errorf("kept are %d bytes of %d", len(c.Request.Body), c.Request.Size)
	}
	if c.Response.Body != c.Request.Body || !c.Response.Cut || len(c.Path) > 3000 {
		t.Errorf("the answer is cut: %t, of the path %d bytes are kept", c.Response.Cut, len(c.Path))
	}
}

func TestOnlyTheLastAreKept(t *testing.T) {
	t.Parallel()
	log := traffic.NewLog(onetouch.SystemClock{})
	handler := log.Around(traffic.Authy)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	const count = traffic.Kept + 5
	var all sync.WaitGroup
	for range count {
		all.Go(func() { handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/x", http.NoBody)) })
	}
	all.Wait()
	calls := log.Calls(0)
	if len(calls) != traffic.Kept || calls[0].ID != 6 || calls[traffic.Kept-1].ID != count || calls[0].Status != 200 {
		t.Errorf("%d calls are kept, from %d", len(calls), calls[0].ID)
	}
	for _, id := range []int64{-1, 0, 5, count + 1} {
		if _, found := log.Call(id); found {
			t.Errorf("call %d is there", id)
		}
	}
	if after := log.Calls(count - 2); len(after) != 2 || len(log.Calls(count)) != 0 {
		t.Errorf("after the last but two there are %d", len(after))
	}
}

// A stream is seen while it goes on, and a cut connection has no status.
func TestStreamsAndCuts(t *testing.T) {
	t.Parallel()
	goOn := make(chan struct{})
	log, server := logged(t, traffic.Device, "/device/v1/{what}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("what") == "cut" {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "one ")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-goOn
		traffic.NotesOf(r.Context()).Device("app", 5, 6)
		_, _ = io.WriteString(w, "two")
	})
	changed, ended := log.Changed(), make(chan string)
	go func() { ended <- ask(t, server, "GET", "/device/v1/stream", "", "") }()
	<-changed
	if c, found := log.Call(1); !found || !c.Open || c.Status != 200 || c.Response.Body != "one " || c.Took != 0 {
		t.Errorf("open it is %+v", c)
	}
	close(goOn)
	if said := <-ended; said != "one two" {
		t.Errorf("the reader got %q", said)
	}
	ask(t, server, "DELETE", "/device/v1/cut", "", "")
	server.Close()
	if c, _ := log.Call(1); c.Open || c.Response.Body != "one two" || c.Took == 0 || c.AuthyID != 5 || c.DeviceID != 6 {
		t.Errorf("at its end it is %+v", c)
	}
	if c, found := log.Call(2); !found || c.Status != 0 || c.Open {
		t.Errorf("a cut one is %+v", c)
	}
}

// Of a call that nobody remembers nothing has to be known.
func TestNotesOfNobody(t *testing.T) {
	t.Parallel()
	notes := traffic.NotesOf(t.Context())
	notes.Application("app")
	notes.Device("app", 1, 2)
	notes.Fault("f")
}

func FuzzSecrets(f *testing.F) {
	for _, seed := range []string{`{"api_key":"`, `<api-key>`, `a=b&api_key=`, "--x\r\nname=\"api_key\"\r\n\r\n", `{"a":1,"secret":`} {
		f.Add(seed)
	}
	const key = "LEAKEDLEAKED"
	log := traffic.NewLog(onetouch.SystemClock{})
	handler := log.Around(traffic.Authy)(http.HandlerFunc(echo))
	f.Fuzz(func(t *testing.T, before string) {
		if strings.ContainsAny(before, "{[<-\"&=;?#%") || len(before) > 1000 {
			return // the shape of the body is another
		}
		for _, body := range []string{
			fmt.Sprintf(`{"x":%q,"api_key":%q}`, strings.ToValidUTF8(before, ""), key), "x=" + before + "&api_key=" + key,
		} {
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("POST", "/x", strings.NewReader(body)))
			if c, _ := log.Call(log.Last()); strings.Contains(c.Request.Body+c.Response.Body, key) {
				t.Errorf("%q keeps its key: %+v", body, c)
			}
		}
	})
}
