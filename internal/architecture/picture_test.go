package architecture_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// picture is the diagram of docs/architecture.md: which folders import which.
type picture struct {
	folders map[string][]string // by node; a node may stand for several
	arrows  map[string][]string // from node to nodes
}

func readPicture(t *testing.T) picture {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root(), "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, diagram, found := strings.Cut(string(page), "```mermaid\n")
	diagram, _, ended := strings.Cut(diagram, "```\n")
	if !found || !ended {
		t.Fatal("docs/architecture.md has no diagram")
	}
	return parsePicture(diagram)
}

func parsePicture(diagram string) picture {
	p := picture{folders: map[string][]string{}, arrows: map[string][]string{}}
	// A node is a name with, where it is first mentioned, a label: folders joined by commas, then what they are.
	node := regexp.MustCompile(`^\s*(\w+)(?:\["([^"<]+)(?:<br/>[^"]*)?"\])?\s*$`)
	for line := range strings.Lines(diagram) {
		from := ""
		for end := range strings.SplitSeq(line, "-->") {
			match := node.FindStringSubmatch(end)
			if match == nil {
				break
			}
			if match[2] != "" {
				p.folders[match[1]] = strings.Split(match[2], ", ")
			}
			if from != "" {
				p.arrows[from] = append(p.arrows[from], match[1])
			}
			from = match[1]
		}
	}
	return p
}

// nodeOf is the node that stands for a package's folder, "" when none does.
func (p picture) nodeOf(pkg string) string {
	folder, _ := place(pkg)
	for name, folders := range p.folders {
		if folder != "" && slices.Contains(folders, folder) {
			return name
		}
	}
	return ""
}

// leads reports whether arrows lead from one node to another, over others perhaps.
func (p picture) leads(from, to string) bool {
	reached := []string{from}
	for i := 0; i < len(reached); i++ {
		for _, next := range p.arrows[reached[i]] {
			if next == to {
				return true
			}
			if !slices.Contains(reached, next) {
				reached = append(reached, next)
			}
		}
	}
	return false
}

// TestPicture compares the diagram with the imports: every arrow is one, and arrows lead along every one.
func TestPicture(t *testing.T) {
	t.Parallel()
	p := readPicture(t)
	imports := map[[2]string]bool{}
	for _, s := range sources(t) {
		from := p.nodeOf(s.pkg)
		for _, i := range s.imports {
			to := p.nodeOf(i.path)
			if !i.ours || from == "" || to == "" || from == to {
				continue
			}
			if imports[[2]string{from, to}] = true; !p.leads(from, to) {
				t.Errorf("%s imports %s; no arrows lead there", s.file, i.path)
			}
		}
	}
	for _, from := range slices.Sorted(maps.Keys(p.arrows)) {
		for _, to := range p.arrows[from] {
			if !imports[[2]string{from, to}] {
				t.Errorf("an arrow goes from %s to %s, but no file imports that", from, to)
			}
		}
	}
}

// TestPictureHasEveryLayer: what is built has its place in the diagram.
func TestPictureHasEveryLayer(t *testing.T) {
	t.Parallel()
	p := readPicture(t)
	for _, s := range sources(t) {
		if within(testFolders(), s.pkg) == "" && p.nodeOf(s.pkg) == "" {
			t.Errorf("%s is not in the diagram", s.pkg)
		}
	}
}

func TestParsePicture(t *testing.T) {
	t.Parallel()
	p := parsePicture("flowchart TD\n  a[\"cmd/x<br/>it\"] --> b[\"internal/y, internal/z\"]\n  b --> c --> b\n")
	if !slices.Equal(p.folders["b"], []string{"internal/y", "internal/z"}) || !slices.Equal(p.folders["a"], []string{"cmd/x"}) {
		t.Errorf("folders %v", p.folders)
	}
	if !p.leads("a", "c") || p.leads("c", "a") || !p.leads("c", "c") || p.leads("b", "a") {
		t.Errorf("arrows %v", p.arrows)
	}
}
