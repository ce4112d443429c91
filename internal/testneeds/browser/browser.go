// Package browser lets tests use a page as a person does, in a real Chromium: it presses, writes and reads. Only tests
// import it.
package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/onetouchkit/onetouch/internal/testneeds"
)

// patience ends what hangs; it asserts nothing.
const patience = time.Minute

// Browser is one running Chromium.
type Browser struct {
	t   *testing.T
	ctx context.Context
}

// Tab is one page in it.
type Tab struct {
	t   *testing.T
	ctx context.Context
}

// Start starts a browser with a profile of its own, or ends the test when there is none. flags are Chromium's, without
// dashes.
func Start(t *testing.T, flags map[string]any) *Browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(testneeds.Chromium(t)), chromedp.NoSandbox, chromedp.WSURLReadTimeout(patience),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("force-device-scale-factor", "1"), chromedp.Flag("lang", "en-US"), chromedp.Env("TZ=UTC"))
	for name, value := range flags {
		options = append(options, chromedp.Flag(name, value))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	// What the driver does not know of this Chromium is nothing that a test could do about.
	ctx, end := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until it has gone, so that its files can be removed
		end()
		stop()
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return &Browser{t: t, ctx: ctx}
}

// Open opens an address in a new tab.
func (b *Browser) Open(url string) *Tab {
	b.t.Helper()
	ctx, closeTab := chromedp.NewContext(b.ctx)
	b.t.Cleanup(closeTab)
	tab := &Tab{t: b.t, ctx: ctx}
	if err := chromedp.Run(ctx); err != nil { // a tab lives as long as the context of its first call
		b.t.Fatalf("opening a tab: %v", err)
	}
	tab.Front()
	tab.Look(1280, 800, false)
	tab.Go(url)
	return tab
}

func (p *Tab) do(what string, actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		text := ""
		_ = chromedp.Run(p.ctx, chromedp.Evaluate("document.body.innerText", &text))
		p.t.Fatalf("%s: %v; the page says:\n%s", what, err, text)
	}
}

// Go opens an address in the tab, as its address bar does.
func (p *Tab) Go(url string) {
	p.t.Helper()
	p.do("opening "+url, chromedp.Navigate(url))
}

// Front makes the tab the one that is looked at.
func (p *Tab) Front() {
	p.t.Helper()
	p.do("coming to the front", page.BringToFront())
}

// Close closes the tab.
func (p *Tab) Close() {
	p.t.Helper()
	if err := chromedp.Cancel(p.ctx); err != nil {
		p.t.Fatalf("closing a tab: %v", err)
	}
}

// Read evaluates an expression and returns what it is.
func Read[T any](p *Tab, expression string) T {
	p.t.Helper()
	var value T
	p.do(expression, chromedp.Evaluate(expression, &value, awaited))
	return value
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// Until waits until a condition holds. It is looked at whenever the page changes, so it has to be one about the page.
func (p *Tab) Until(condition string) {
	p.t.Helper()
	watch := fmt.Sprintf(`new Promise((resolve) => {
		const look = () => { if (%s) { observer.disconnect(); resolve(true); } };
		const observer = new MutationObserver(look);
		observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
		look();
	})`, condition)
	for { // a page that is loaded anew takes its promises along
		var held bool
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		err := chromedp.Run(ctx, chromedp.Evaluate(watch, &held, awaited))
		cancel()
		if held || !strings.Contains(fmt.Sprint(err), "navigat") && !strings.Contains(fmt.Sprint(err), "context") ||
			errors.Is(err, context.DeadlineExceeded) || p.ctx.Err() != nil { // the browser has gone
			p.do("waiting for "+condition, chromedp.ActionFunc(func(context.Context) error { return err }))
			return
		}
	}
}

// Sees waits until a text is shown.
func (p *Tab) Sees(text string) {
	p.t.Helper()
	p.Until("document.body?.innerText.includes(" + quoted(text) + ")")
}

// SeesNot waits until a text is shown no more.
func (p *Tab) SeesNot(text string) {
	p.t.Helper()
	p.Until("!document.body.innerText.includes(" + quoted(text) + ")")
}

// Hears waits until a screen reader is told a text.
func (p *Tab) Hears(text string) {
	p.t.Helper()
	p.Until("document.querySelector('[role=status]').textContent.includes(" + quoted(text) + ")")
}

func quoted(text string) string {
	content, _ := json.Marshal(text) // of a string it cannot fail
	return string(content)
}

// Press clicks on the first visible element that a selector finds, where it is on the screen.
func (p *Tab) Press(selector string) {
	p.t.Helper()
	p.do("pressing "+selector, chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

// Write writes into the first element that a selector finds, in place of what is there.
func (p *Tab) Write(selector, text string) {
	p.t.Helper()
	p.Press(selector)
	p.do("writing into "+selector, chromedp.Evaluate("document.activeElement.select()", nil),
		input.InsertText(text))
}

// Keys presses keys one after the other, wherever the focus is.
func (p *Tab) Keys(keys string) {
	p.t.Helper()
	p.do("pressing keys", chromedp.KeyEvent(keys))
}

// Tab and Escape are keys without a letter.
const (
	KeyTab    = kb.Tab
	KeyEnter  = kb.Enter
	KeyEscape = kb.Escape
)

// Look changes what the page is looked at with: its size in pixels, and whether the system is dark.
func (p *Tab) Look(width, height int64, dark bool) {
	p.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	p.do("changing the size", emulation.SetDeviceMetricsOverride(width, height, 1, width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}))
}

// Picture keeps what the tab shows in [testing.T.ArtifactDir].
func (p *Tab) Picture(name string) {
	p.t.Helper()
	var picture []byte
	p.do("taking a picture", chromedp.ActionFunc(func(ctx context.Context) (err error) {
		picture, err = page.CaptureScreenshot().Do(ctx)
		return err
	}))
	if err := os.WriteFile(filepath.Join(p.t.ArtifactDir(), name+".png"), picture, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// Roles lists what assistive technology is told: each node that is something, as "role name".
func (p *Tab) Roles() []string {
	p.t.Helper()
	var roles []string
	p.do("reading the accessibility tree", chromedp.ActionFunc(func(ctx context.Context) error {
		nodes, err := accessibility.GetFullAXTree().Do(ctx)
		for _, node := range nodes {
			if !node.Ignored && node.Role != nil {
				roles = append(roles, strings.TrimSpace(text(node.Role)+" "+text(node.Name)))
			}
		}
		return err
	}))
	return roles
}

func text(value *accessibility.Value) string {
	var content string
	if value != nil {
		_ = json.Unmarshal(value.Value, &content) // numbers are no names
	}
	return content
}
