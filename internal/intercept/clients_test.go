package intercept_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/internal/testneeds/clients"
)

// fetchVariable has this test binary be a program of Go's: it fetches the URL and prints what it got.
const fetchVariable = "ONETOUCH_TEST_FETCH"

func TestMain(m *testing.M) {
	if url := os.Getenv(fetchVariable); url != "" {
		if err := fetch(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func fetch(url string) error {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}

// program is a client in some language: it fetches the URL that it is given as its argument, and prints what it got.
type program struct {
	need     testneeds.Need // "" for what every machine has
	file     string
	source   string
	withhold []string // variables that it is not to have: it does without
	plain    bool     // it calls http:// too
}

// programs know nothing of a proxy.
func programs() map[string]program {
	return map[string]program{
		"Node, https.get": {need: testneeds.NodeJS, file: "a.js", plain: true, source: `
const url = process.argv[2];
require(url.split(':')[0]).get(url, (r) => r.pipe(process.stdout));`},
		"Node, its own agent": {need: testneeds.NodeJS, file: "a.js", source: `
const https = require('https');
https.get(process.argv[2], { agent: new https.Agent({ keepAlive: false }) }, (r) => r.pipe(process.stdout));`},
		"Node, fetch": {need: testneeds.NodeJS, file: "a.mjs", plain: true, source: `
process.stdout.write(await (await fetch(process.argv[2])).text());`},
		"Node, in a worker": {need: testneeds.NodeJS, file: "a.js", source: `
const { Worker, isMainThread, workerData, parentPort } = require('worker_threads');
if (isMainThread) new Worker(__filename, { workerData: process.argv[2] }).on('message', (m) => process.stdout.write(m));
else fetch(workerData).then((r) => r.text()).then((t) => parentPort.postMessage(t));`},
		"Node, a socket of TLS": {need: testneeds.NodeJS, file: "a.js", source: `
const s = require('tls').connect(443, new URL(process.argv[2]).hostname, { servername: 'api.authy.com' }, () => {
  s.write('GET /x HTTP/1.0\r\nHost: api.authy.com\r\n\r\n');
});
let all = '';
s.on('data', (d) => { all += d; }).on('end', () => process.stdout.write(all.split('\r\n\r\n')[1]));`},
		"Node, npm request": {need: testneeds.NodeJS, file: "a.js", plain: true, source: `
require('request')(process.argv[2], (error, r, body) => { if (error) throw error; process.stdout.write(body); });`},
		"Node, npm request without the script": {need: testneeds.NodeJS, file: "a.js", withhold: []string{"NODE_OPTIONS"}, source: `
require('request')(process.argv[2], (error, r, body) => { if (error) throw error; process.stdout.write(body); });`},
		"Python, urllib": {need: testneeds.Python, file: "a.py", plain: true, source: `
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen(sys.argv[1]).read().decode())`},
		"Python, requests": {need: testneeds.Python, file: "a.py", plain: true, source: `
import sys
try:
    import requests
except ImportError:
    print("no requests"); sys.exit(3)
r = requests.get(sys.argv[1]); r.raise_for_status()
sys.stdout.write(r.text)`},
		"Ruby, Net::HTTP": {need: testneeds.Ruby, file: "a.rb", plain: true, source: `
require 'net/http'
print Net::HTTP.get(URI(ARGV[0]))`},
		"PHP, curl": {need: testneeds.PHP, file: "a.php", plain: true, source: `<?php
if (!extension_loaded('curl')) { echo 'no curl'; exit(3); }
$c = curl_init($argv[1]);
curl_setopt($c, CURLOPT_RETURNTRANSFER, true);
$body = curl_exec($c);
if ($body === false) { fwrite(STDERR, curl_error($c)); exit(1); }
echo $body;`},
		"Java, HttpURLConnection": {need: testneeds.Java, file: "A.java", plain: true, source: `
public class A { public static void main(String[] args) throws Exception {
    System.out.print(new String(new java.net.URL(args[0]).openStream().readAllBytes()));
} }`},
		"Java, java.net.http": {need: testneeds.Java, file: "A.java", source: `
import java.net.http.*;
public class A { public static void main(String[] args) throws Exception {
    var r = HttpRequest.newBuilder(java.net.URI.create(args[0])).build();
    System.out.print(HttpClient.newHttpClient().send(r, HttpResponse.BodyHandlers.ofString()).body());
} }`},
	}
}

func TestProgramsAreIntercepted(t *testing.T) {
	t.Parallel()
	for name, p := range programs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line, more := p.line(t)
			r := intercepting(t)
			r.expectIntercepted(t, "https://api.authy.com/x", p.withhold, line, more...)
			if p.plain {
				r.expectIntercepted(t, "http://api.authy.com/x", p.withhold, line, more...)
			}
		})
	}
}

// line is the command of a program, but for the URL, and what else its environment needs.
func (p program) line(t *testing.T) (line, environment []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), p.file)
	if err := os.WriteFile(file, []byte(p.source), 0o600); err != nil {
		t.Fatal(err)
	}
	if p.need != testneeds.NodeJS {
		return []string{testneeds.Language(t, p.need), file}, nil
	}
	node, npm := testneeds.Node(t)
	if strings.Contains(p.source, "'request'") {
		environment = []string{"NODE_PATH=" + clients.Install(t, npm, filepath.Join("..", "conformance", "clients"))}
	}
	return []string{node, file}, environment
}

// bareEnvironment is one in which nothing is said of proxies and certificates.
func bareEnvironment(more []string) []string {
	environment := slices.Clone(more)
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "PYENV_ROOT", "JAVA_HOME"} {
		if value, set := os.LookupEnv(name); set {
			environment = append(environment, name+"="+value)
		}
	}
	return environment
}

// expectIntercepted runs a program with the variables of the interception.
func (r *running) expectIntercepted(t *testing.T, url string, withhold, line []string, more ...string) {
	t.Helper()
	output, err := r.run(t, withhold, append(slices.Clone(line), url), more...)
	if unmet := map[string]testneeds.Need{"no requests": testneeds.Python, "no curl": testneeds.PHP}; err != nil {
		if need, known := unmet[strings.TrimSpace(output)]; known {
			testneeds.Unmet(t, need, strings.TrimSpace(output)+" (python3-requests, php-curl)")
		}
	}
	calls := r.calls()
	if err != nil || !strings.HasSuffix(output, "intercepted") || len(calls) != 1 || !strings.HasPrefix(calls[0], "GET api.authy.com") {
		t.Errorf("%s: %v, asked %q:\n%s", url, err, calls, output)
	}
}

func (r *running) run(t *testing.T, withhold, line []string, more ...string) (output string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), line[0], line[1:]...)
	command.Env = slices.DeleteFunc(append(bareEnvironment(more), r.Environment()...), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(withhold, name)
	})
	all, err := command.CombinedOutput()
	return string(all), err
}

func TestGoIsIntercepted(t *testing.T) {
	t.Parallel()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := intercepting(t)
	for _, url := range []string{"https://api.authy.com/x", "http://sandbox-api.authy.com/x"} {
		output, err := r.run(t, nil, []string{own}, fetchVariable+"="+url)
		if calls := r.calls(); err != nil || output != "intercepted" || len(calls) != 1 {
			t.Errorf("%s: %v, asked %q:\n%s", url, err, calls, output)
		}
	}
}

// curl is told to use the proxy for this machine, too: the host's own certificate arrives, and ours does for ours.
func TestCurlIsInterceptedAndTunnels(t *testing.T) {
	t.Parallel()
	curl := testneeds.Curl(t)
	r := intercepting(t)
	line := []string{curl, "-sS", "--noproxy", ""}
	r.expectIntercepted(t, "https://api.authy.com/x", nil, line)
	r.expectIntercepted(t, "http://api.authy.com/x", nil, line)
	host, own := secure(t)
	if output, err := r.run(t, nil, append(slices.Clone(line), "--cacert", own, host.URL)); err != nil || output != "untouched" {
		t.Errorf("another host: %v\n%s", err, output)
	}
	if output, err := r.run(t, nil, append(slices.Clone(line), host.URL)); err == nil || !strings.Contains(output, "certificate") {
		t.Errorf("a host whose certificate nobody knows: %v\n%s", err, output)
	}
}
