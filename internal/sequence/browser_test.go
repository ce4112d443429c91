package sequence_test

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onetouchkit/onetouch/internal/sequence"
	"github.com/onetouchkit/onetouch/internal/testneeds"
	"github.com/onetouchkit/onetouch/internal/testneeds/browser"
)

// In a real browser, each drawing is a picture, in both looks: nothing in it is outside of it, and hostile text is text.
func TestSVGInChromium(t *testing.T) {
	t.Parallel()
	drawings := map[string]sequence.Diagram{}
	for name, story := range stories() {
		drawings[name] = sequence.Of(story)
	}
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, known := drawings[strings.TrimPrefix(r.URL.Path, "/")]
		if !known {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write(d.SVG())
	}))
	t.Cleanup(pages.Close)
	tab := browser.Start(t, nil).Open("about:blank")
	for name, d := range drawings {
		for _, dark := range []bool{false, true} {
			tab.Look(1400, 900, dark)
			tab.Go(pages.URL + "/" + name)
			if kind := browser.Read[string](tab, "document.documentElement.nodeName"); kind != "svg" {
				t.Fatalf("%s is shown as %s", name, kind)
			}
			outside := browser.Read[int](tab, `[...document.querySelectorAll('text')].filter((text) => {
				const box = text.getBBox(), page = document.documentElement.viewBox.baseVal;
				return box.x < 0 || box.y < 0 || box.x + box.width > page.width || box.y + box.height > page.height;
			}).length`)
			if outside > 0 {
				t.Errorf("%s: %d texts are outside of the picture", name, outside)
			}
			paper := browser.Read[string](tab, "getComputedStyle(document.querySelector('.page')).fill")
			if isDark := paper != "rgb(255, 255, 255)"; isDark != dark {
				t.Errorf("%s: paper is %s", name, paper)
			}
			if scripts := browser.Read[int](tab, "document.querySelectorAll('script,foreignObject,image,a').length"); scripts > 0 {
				t.Errorf("%s: text has become something else", name)
			}
			if title := browser.Read[string](tab, "document.querySelector('title').textContent"); title != d.Title {
				t.Errorf("%s: the title is %q", name, title)
			}
			tab.Picture(name + map[bool]string{true: "_dark"}[dark])
		}
	}
}

// Mermaid itself reads and draws each story, and shows hostile text as it is.
func TestMermaidReadsIt(t *testing.T) {
	t.Parallel()
	program := mermaidProgram(t)
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/mermaid.js" {
			w.Header().Set("Content-Type", "text/javascript")
			_, _ = w.Write(program)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><title>Mermaid</title><body><script src='/mermaid.js'></script>")
	}))
	t.Cleanup(pages.Close)
	tab := browser.Start(t, nil).Open(pages.URL)
	for name, story := range stories() {
		text, err := json.Marshal(sequence.Of(story).Mermaid())
		if err != nil {
			t.Fatal(err)
		}
		shown := browser.Read[string](tab, `(async () => {
			mermaid.initialize({ startOnLoad: false });
			const text = `+string(text)+`;
			try {
				await mermaid.parse(text);
				const drawn = await mermaid.render('drawn', text);
				document.body.innerHTML = drawn.svg;
				return [...document.querySelectorAll('text')].map((text) => text.textContent).join('\n');
			} catch (problem) { return 'Mermaid says: ' + problem.message; }
		})()`)
		if strings.Contains(shown, "Mermaid says") || !strings.Contains(shown, "+0 ms asks “") {
			t.Errorf("%s: %s", name, shown)
		}
		const whole = "<script>alert(1)</script>;#␊%%{init:{}}%% --> end␛[2J<U+202E>$$x$$ `\" & ]]> p0->>p1: no”, signed"
		if name == "hostile" && !strings.Contains(shown, whole) {
			t.Errorf("hostile text is shown otherwise: %s", shown)
		}
		tab.Picture("mermaid_" + name)
	}
}

// The release of Mermaid that reads the drawings. It is one file of its package; what that depends on is in it.
const (
	mermaidVersion = "11.17.2"
	mermaidSHA512  = "V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQxULMa80/qt5gHO73aCleBBg=="
)

// mermaidProgram is Mermaid for browsers, from the user's cache or the npm registry, or it ends the test.
func mermaidProgram(t *testing.T) []byte {
	t.Helper()
	_, npm := testneeds.Node(t)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(cache, "onetouch-conformance", "mermaid-"+mermaidVersion+".min.js")
	if program, err := os.ReadFile(file); err == nil {
		return program
	}
	folder := t.TempDir()
	pack := exec.CommandContext(t.Context(), npm, "pack", "--silent", "mermaid@"+mermaidVersion)
	pack.Dir = folder
	if output, err := pack.CombinedOutput(); err != nil {
		testneeds.Unmet(t, testneeds.NodeJS, "npm could not fetch Mermaid: "+err.Error()+"\n"+string(output))
	}
	program := unpacked(t, filepath.Join(folder, "mermaid-"+mermaidVersion+".tgz"))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(filepath.Dir(file), filepath.Base(folder)+"-mermaid")
	if err := os.WriteFile(fresh, program, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(fresh, file); err != nil {
		t.Fatal(err)
	}
	return program
}

func unpacked(t *testing.T, archive string) []byte {
	t.Helper()
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha512.Sum512(content); base64.StdEncoding.EncodeToString(sum[:]) != mermaidSHA512 {
		t.Fatalf("the package of Mermaid is not the one that was looked at")
	}
	plain, err := gzip.NewReader(strings.NewReader(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(plain); ; {
		header, err := files.Next()
		if err != nil {
			t.Fatalf("no mermaid.min.js in the package: %v", err)
		}
		if header.Name == "package/dist/mermaid.min.js" {
			program, err := io.ReadAll(files)
			if err != nil {
				t.Fatal(err)
			}
			return program
		}
	}
}
