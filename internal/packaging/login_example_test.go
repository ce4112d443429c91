package packaging_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// composition is the part of compose.yaml that the test follows.
type composition struct {
	Services map[string]struct {
		Hostname    string
		Build       struct{ Context, Dockerfile string }
		Environment map[string]string
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	}
}

// TestLoginExample does without containers what the example's README does with them: both services are started with the
// environment of compose.yaml, in which only addresses are other ones.
func TestLoginExample(t *testing.T) {
	t.Parallel()
	var c composition
	readYAML(t, "docs/examples/login/compose.yaml", &c)
	onetouch, home := testneeds.Built(t, "./cmd/onetouch"), t.TempDir()

	var backendURL atomic.Pointer[url.URL]
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(backendURL.Load())
		r.Out.Host = r.In.Host // the signature is about it
	}})
	t.Cleanup(front.Close)
	addresses := strings.NewReplacer("http://backend:3000", front.URL, "0.0.0.0:3000", "127.0.0.1:0")
	server := exec.CommandContext(t.Context(), onetouch, "serve", "--addr", "127.0.0.1:0")
	server.Env = append(c.environment("onetouch", addresses), "HOME="+home)
	serverURL := start(t, server, `^Authy API\s+(http://\S+)`)

	backend := exec.CommandContext(t.Context(), testneeds.Built(t, "./docs/examples/login"))
	backend.Env = c.environment("backend", addresses, "http://onetouch:8181", serverURL)
	parsed, err := url.Parse(start(t, backend, `listening on (http://\S+)$`))
	if err != nil {
		t.Fatal(err)
	}
	backendURL.Store(parsed)

	user := login(t, front.URL).AuthyID // nobody answers this one
	register := exec.CommandContext(t.Context(), onetouch, "device", "register", "--user", strconv.FormatInt(user, 10), "--auto", "approve")
	register.Env = []string{"HOME=" + home}
	if out, err := register.CombinedOutput(); err != nil {
		t.Fatalf("registering a phone: %v\n%s", err, out)
	}
	second := login(t, front.URL)
	if second.AuthyID != user {
		t.Errorf("the second login is of user %d, the first was of %d", second.AuthyID, user)
	}
	var answer struct{ Status string }
	call(t, http.MethodGet, front.URL+"/login/"+second.UUID, &answer)
	if answer.Status != "approved" {
		t.Errorf("the login is %q, want approved", answer.Status)
	}
}

// environment is that of a service, with its defaults for what is left to the user, and other addresses.
func (c composition) environment(service string, addresses *strings.Replacer, more ...string) []string {
	leftToUser := regexp.MustCompile(`\$\{\w+:-([^}]*)\}`)
	var environment []string
	for name, value := range c.Services[service].Environment {
		value = leftToUser.ReplaceAllString(value, "$1")
		environment = append(environment, name+"="+strings.NewReplacer(more...).Replace(addresses.Replace(value)))
	}
	return environment
}

type loginAnswer struct {
	UUID    string
	AuthyID int64 `json:"authy_id"`
}

func login(t *testing.T, backend string) (answer loginAnswer) {
	t.Helper()
	form := url.Values{"email": {"ada@example.com"}, "cellphone": {"202-555-0158"}}
	call(t, http.MethodPost, backend+"/login?"+form.Encode(), &answer)
	return answer
}

func call(t *testing.T, method, address string, answer any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s is answered %s", method, address, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		t.Fatal(err)
	}
}

// What the services say of each other fits together.
func TestLoginExampleNames(t *testing.T) {
	t.Parallel()
	var c composition
	readYAML(t, "docs/examples/login/compose.yaml", &c)
	server, backend := c.Services["onetouch"], c.Services["backend"]
	if backend.Environment["AUTHY_API_URL"] != "http://"+server.Hostname+":8181" || server.Hostname != "onetouch" {
		t.Errorf("the backend calls %s, the server answers under %q only", backend.Environment["AUTHY_API_URL"], server.Hostname)
	}
	for key, value := range map[string]string{
		"AUTHY_API_KEY": server.Environment["ONETOUCH_API_KEY"], "CALLBACK_URL": server.Environment["ONETOUCH_CALLBACK_URL"],
	} {
		if backend.Environment[key] != value || value == "" {
			t.Errorf("%s of the backend is %q, the server's is %q", key, backend.Environment[key], value)
		}
	}
	if backend.DependsOn["onetouch"].Condition != "service_healthy" {
		t.Error("the backend does not wait for the server")
	}
	for name, file := range map[string]string{"onetouch": "Containerfile", "backend": "docs/examples/login/Containerfile"} {
		if got := c.Services[name].Build; got.Dockerfile != file || got.Context != "../../.." {
			t.Errorf("%s is built from %+v", name, got)
		}
	}
}
