package architecture_test

import (
	"fmt"
	"slices"
	"strings"
)

// layers lists the folders from the top down. A package may import packages of the layers below its own and, within
// its own folder, whatever it likes; never a layer above, and never another folder of its own layer. A sub-folder
// belongs to the longest folder listed here.
func layers() [][]string {
	return [][]string{
		{"cmd/onetouch"},
		{"internal/cli"},
		{"internal/sample", "internal/tui"},
		{"internal/fixture", "internal/migrate"},
		{"pkg/onetouchtest"},
		{"internal/phone"},
		{"internal/policy"},
		{"internal/config"},
		{"internal/server"},
		{"internal/server/authyapi", "internal/server/deviceapi", "internal/server/bridge", "internal/server/controlapi", "internal/server/console",
			"internal/server/phonepage", "internal/server/verifyapi"},
		{"internal/server/webpage"},
		{"internal/sequence", "internal/server/fault"},
		{"internal/server/traffic"},
		{"internal/server/authyapi/codes", "internal/server/authyapi/parameters"},
		{"internal/server/route"},
		{"internal/server/wire"},
		{"internal/server/problem"},
		{"internal/callbackaudit", "internal/delivery"},
		{"internal/verifywire"},
		{"internal/authywire"},
		{"internal/numbering", "internal/store"},
		{"internal/store/postgres", "internal/store/sqlite"},
		{"internal/store/engine"},
		{"internal/onetouch"},
		{"pkg/authy", "pkg/device", "pkg/verify"},
		{"pkg/callback"},
		{"pkg/evidence"},
		{"pkg/approval"},
		{"pkg/details", "pkg/internal/httpcall"},
		{"internal/intercept"},
		{"internal/junit", "internal/localca", "internal/ports", "internal/snapshot", "internal/spelling",
			"internal/terminal"},
	}
}

// testFolders help tests and measurements. Only tests and other test folders import them; they import what they need.
func testFolders() []string {
	return []string{
		"internal/architecture", "internal/conformance", "internal/crash", "internal/linearizability", "internal/measure", "internal/phonetest", "internal/readme", "internal/terminaltest",
		"internal/testneeds", "internal/packaging", "docs/examples/login",
	}
}

// limit says what a folder may import beyond its own files, where the layers alone would allow more. An entry is a folder
// of this module, "std" for any package of the standard library, or "others" for other people's modules.
type limit struct {
	folder string
	only   []string
	never  []string // packages of the standard library that "std" does not include
	why    string
}

func limits() []limit {
	adapters := []string{"net/http", "database/sql", "net", "os"}
	return []limit{
		{
			folder: "internal/onetouch", only: []string{"std", "pkg/approval", "pkg/details", "pkg/evidence"}, never: adapters,
			why: "the domain knows no adapter",
		},
		{
			folder: "internal/sample",
			only:   []string{"std", "others", "pkg/authy", "pkg/callback", "pkg/approval", "pkg/details"},
			why:    "it shows what any backend can do, with the public packages alone",
		},
		{
			folder: "cmd/onetouch", only: []string{"std", "internal/cli"},
			why: "main only runs the root command",
		},
		{
			folder: "pkg/callback", only: []string{"std"},
			why: "a receiver of callbacks should not have to take anything else with it",
		},
		{
			folder: "internal/store", only: []string{"std", "internal/onetouch", "pkg/details", "pkg/evidence"}, never: adapters,
			why: "queries are an adapter of the domain alone, and know no driver of a database",
		},
		{
			folder: "internal/store/storetest", only: []string{"std", "others", "internal/onetouch", "pkg/details", "pkg/evidence"},
			why: "the contract is that of every engine",
		},
		{
			folder: "internal/store/postgres", only: []string{"std", "others", "internal/onetouch", "internal/store/engine"},
			why: "an engine knows its database, and no query",
		},
		{
			folder: "internal/store/sqlite", only: []string{"std", "others", "internal/onetouch", "internal/store/engine"},
			why: "an engine knows its database, and no query",
		},
	}
}

// violation says what is wrong with one import, "" when nothing is. Both are import paths without the module's own;
// module tells whether the imported one is of this module.
func violation(from, to string, ours bool) string {
	if ours {
		if wrong := againstDirection(from, to); wrong != "" {
			return wrong
		}
	}
	return overLimit(from, to, ours)
}

func againstDirection(from, to string) string {
	if within(testFolders(), from) != "" {
		return ""
	}
	if within(testFolders(), to) != "" {
		return fmt.Sprintf("%s imports %s, which only tests may", from, to)
	}
	fromFolder, fromLayer := place(from)
	toFolder, toLayer := place(to)
	switch {
	case fromFolder == "":
		return from + " has no place in layers(): give it one"
	case toFolder == "":
		return to + " has no place in layers(): give it one"
	case fromFolder == toFolder || toLayer > fromLayer:
		return ""
	case toLayer == fromLayer:
		return fmt.Sprintf("%s imports %s, which is beside it: what both need belongs below them", from, to)
	default:
		return fmt.Sprintf("%s imports %s, which is above it", from, to)
	}
}

// overLimit asks the limit of the longest folder that holds the package.
func overLimit(from, to string, ours bool) string {
	var folders []string
	for _, l := range limits() {
		folders = append(folders, l.folder)
	}
	limited := within(folders, from)
	for _, l := range limits() {
		if l.folder == limited && !l.allows(to, ours) {
			return fmt.Sprintf("%s imports %s, but %s", from, to, l.why)
		}
	}
	return ""
}

func (l limit) allows(to string, ours bool) bool {
	switch {
	case ours:
		return within(append(slices.Clone(l.only), l.folder), to) != ""
	case standard(to):
		return slices.Contains(l.only, "std") && !slices.Contains(l.never, to)
	default:
		return slices.Contains(l.only, "others")
	}
}

// standard reports whether an import path is of the standard library: its first element has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// place is the folder of the layers that a package belongs to, and the layer's number from the top.
func place(path string) (folder string, layer int) {
	for i, folders := range layers() {
		if f := within(folders, path); len(f) > len(folder) {
			folder, layer = f, i
		}
	}
	return folder, layer
}

// within returns the longest of the folders that holds the package, "" when none does.
func within(folders []string, path string) string {
	longest := ""
	for _, folder := range folders {
		if (path == folder || strings.HasPrefix(path, folder+"/")) && len(folder) > len(longest) {
			longest = folder
		}
	}
	return longest
}
