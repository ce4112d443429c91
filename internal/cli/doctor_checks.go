package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/onetouchkit/onetouch/internal/cli/output"
	"github.com/onetouchkit/onetouch/internal/config"
	"github.com/onetouchkit/onetouch/internal/localca"
	"github.com/onetouchkit/onetouch/internal/ports"
	"github.com/onetouchkit/onetouch/internal/server"
	"github.com/onetouchkit/onetouch/internal/server/controlapi"
	"github.com/onetouchkit/onetouch/internal/store"
	"github.com/onetouchkit/onetouch/internal/store/sqlite"
)

// patient is what the doctor has learnt so far. Later checks build on earlier ones.
type patient struct {
	f         *Factory
	settings  config.Settings
	workspace config.Workspace
	announced server.Announcement // of the workspace's server
	running   bool
	server    *controlapi.Server // as the server that commands work on described itself; nil: none answers
}

// Time that the doctor waits for a server, and difference of clocks that nobody notices.
const (
	doctorPatience = 5 * time.Second
	harmlessSkew   = 5 * time.Second
)

func fine(check, format string, args ...any) diagnosis {
	return diagnosis{Check: check, Finding: findingFine, Detail: fmt.Sprintf(format, args...)}
}

func (d diagnosis) advise(f finding, format string, args ...any) diagnosis {
	d.Finding, d.Advice = f, fmt.Sprintf(format, args...)
	return d
}

// examine makes every check that can be made. Without readable settings nobody knows what else to look at.
func (p *patient) examine(ctx context.Context) []diagnosis {
	found := []diagnosis{p.version()}
	settings, readable := p.readSettings()
	found = append(found, settings...)
	if !readable {
		return found
	}
	found = append(found, p.files()...)
	found = append(found, p.findServer(ctx), p.port(ctx), p.clock(), p.database(), p.certificate())
	return found
}

func (p *patient) version() diagnosis {
	return fine("program", "onetouch %s, %s on %s/%s", p.f.Build.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// readSettings tells which files are read, and what of them is meant.
func (p *patient) readSettings() (found []diagnosis, readable bool) {
	var err error
	if p.settings, p.workspace, err = p.f.Workspace(nil); err != nil {
		problem := fine("settings", "%s", output.Sanitise(err.Error()))
		return []diagnosis{problem.advise(findingProblem, "correct that, or remove the setting")}, false
	}
	var read []string
	for _, file := range p.f.Env.Files() {
		if _, err := os.Stat(file.Path); err == nil {
			read = append(read, file.Path)
		}
	}
	values, err := p.f.Env.Values()
	if err != nil {
		problem := fine("settings", "%s", output.Sanitise(err.Error()))
		return []diagnosis{problem.advise(findingProblem, "correct that file")}, false
	}
	var chosen []string
	for _, value := range values {
		if value.Origin != config.FromDefault {
			chosen = append(chosen, value.Key+" from "+value.Where)
		}
	}
	switch {
	case len(chosen) > 0:
		found = append(found, fine("settings", "%s", strings.Join(chosen, ", ")))
	case len(read) > 0:
		found = append(found, fine("settings", "nothing is set in %s", strings.Join(read, " and ")))
	default:
		found = append(found, fine("settings", "the defaults: there is no file"))
	}
	for _, key := range config.Keys() {
		for _, value := range values {
			if value.Key == key && value.Text != "" {
				found = append(found, wrongValue(value)...)
			}
		}
	}
	return append(found, p.secretFiles(values)...), true
}

// wrongValue says what is wrong with a setting that is only looked at when a server starts.
func wrongValue(value config.Value) []diagnosis {
	if err := config.Check(value.Key, value.Text); err != nil && value.Origin != config.FromDefault {
		return []diagnosis{fine("setting "+value.Key, "%s (%s)", output.Sanitise(err.Error()), value.Where).
			advise(findingProblem, "'onetouch serve' will refuse it")}
	}
	return nil
}

// secretFiles finds files with secrets in them that others can read.
func (p *patient) secretFiles(values []config.Value) (found []diagnosis) {
	for _, value := range values {
		inFile := value.Origin == config.FromUserFile || value.Origin == config.FromProjectFile
		if inFile && config.Secret(value.Key) && openToOthers(value.Where) {
			found = append(found, fine("setting "+value.Key, "others can read the secret in %s", value.Where).
				advise(findingWarning, "chmod 600 %s", value.Where))
		}
	}
	return found
}

// filesToCome looks whether the workspace's folder can be made.
func (p *patient) filesToCome(dir string) diagnosis {
	const check = "files"
	above := nearestFolder(dir)
	if err := tryFile(above); err != nil {
		return fine(check, "%s cannot be made, because nothing can be written in %s: %v", dir, above, innermost(err)).
			advise(findingProblem, ownFolder)
	}
	return fine(check, "the workspace %q has none yet, they will be in %s", p.workspace.Name, dir)
}

const ownFolder = "make that yours, or set XDG_DATA_HOME to a folder of your own"

// nearestFolder is the folder above a path that is there already.
func nearestFolder(path string) string {
	for {
		above := filepath.Dir(path)
		if _, err := os.Stat(above); err == nil || above == path {
			return above
		}
		path = above
	}
}

// tryFile makes a file in a folder, and removes it.
func tryFile(folder string) error {
	file, err := os.CreateTemp(folder, ".doctor-")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}

func openToOthers(path string) bool {
	const others = 0o077
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&others != 0
}

// files looks at who can read the workspace's files.
func (p *patient) files() []diagnosis {
	const check = "files"
	dir := p.workspace.Dir()
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []diagnosis{p.filesToCome(dir)}
	case err != nil:
		return []diagnosis{fine(check, "%v", err).advise(findingProblem, "make %s a folder of your own", dir)}
	case !info.IsDir():
		return []diagnosis{fine(check, "%s is no folder", dir).advise(findingProblem, "move it away")}
	}
	var found []diagnosis
	if err := tryFile(dir); err != nil {
		found = append(found, fine(check, "nothing can be written in %s: %v", dir, innermost(err)).
			advise(findingProblem, ownFolder))
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			found = append(found, fine(check, "%v", err).advise(findingProblem, "make it yours: chown -R \"$USER\" %s", dir))
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if openToOthers(path) && entry.Type()&fs.ModeSymlink == 0 {
			found = append(found, fine(check, "others can reach %s, where secrets are", path).
				advise(findingProblem, "chmod go= %s", path))
		}
		return nil
	})
	if err != nil {
		found = append(found, fine(check, "%v", err).advise(findingProblem, "make %s readable", dir))
	}
	if len(found) == 0 {
		found = append(found, fine(check, "only you can read those in %s", dir))
	}
	return found
}

// findServer asks the server that commands work on, if there is one.
func (p *patient) findServer(ctx context.Context) diagnosis {
	const check = "server"
	var err error
	if p.announced, p.running, err = server.FindServer(p.workspace.Announcement()); err != nil {
		return fine(check, "%v", err).advise(findingProblem, "stop the server, and start it again")
	}
	if !p.running && p.settings.Server == "" {
		return fine(check, "none runs in the workspace %q, commands work on the database themselves", p.workspace.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, doctorPatience)
	defer cancel()
	c, err := p.f.looking().reachServer(ctx, p.settings, p.workspace)
	if err != nil {
		return fine(check, "%s", output.Sanitise(err.Error())).advise(findingProblem, "commands do not work until that is right")
	}
	defer c.Discard(ctx)
	if c.InProcess {
		return fine(check, "it stopped just now")
	}
	p.server = &c.Server
	return fine(check, "%s answers: process %d, onetouch %s", redacted(c.URL), c.Server.PID, c.Server.Version)
}

// port looks who has the port that a server would take.
func (p *patient) port(ctx context.Context) diagnosis {
	const check = "port"
	addr := addrOf(p.settings)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fine(check, "addr %q is not HOST:PORT", addr).advise(findingProblem, "set it to one such as %s", config.DefaultAddr)
	}
	if p.running && strings.HasSuffix(p.announced.URL, ":"+port) {
		return fine(check, "%s is the server's own", addr)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err == nil:
		_ = listener.Close()
		return fine(check, "%s is free", addr)
	case errors.Is(err, syscall.EADDRINUSE) && p.running:
		return fine(check, "%s is taken by %s, the server has another", addr, ports.OwnerOf(port))
	case errors.Is(err, syscall.EADDRINUSE):
		return fine(check, "%s is taken by %s", addr, ports.OwnerOf(port)).
			advise(findingProblem, "stop it, or serve elsewhere: onetouch serve --addr 127.0.0.1:0")
	default:
		return fine(check, "%s cannot be listened on: %v", addr, innermost(err)).
			advise(findingProblem, "choose another: onetouch config set addr %s", config.DefaultAddr)
	}
}

// clock compares the server's clock with the machine's.
func (p *patient) clock() diagnosis {
	const check = "clock"
	if p.server == nil {
		return fine(check, "%s on this machine", time.Now().UTC().Format(time.RFC3339))
	}
	skew := time.Until(p.server.Now).Round(time.Second)
	shown := p.server.Now.UTC().Format(time.RFC3339)
	switch {
	case skew.Abs() <= harmlessSkew:
		return fine(check, "%s by the server, as by this machine", shown)
	case skew > 0:
		return fine(check, "%s by the server, %s ahead of this machine", shown, skew).advise(findingWarning, clockAdvice)
	default:
		return fine(check, "%s by the server, %s behind this machine", shown, -skew).advise(findingWarning, clockAdvice)
	}
}

const clockAdvice = "requests and codes expire by the server's clock"

// database looks at the file without opening it as a database.
func (p *patient) database() diagnosis {
	const check = "database"
	place := databaseOf(p.settings, p.workspace)
	if p.server != nil {
		return fine(check, "%s, in use by the server", redacted(p.server.Database))
	}
	location, err := store.ParseLocation(place)
	switch {
	case err != nil:
		return fine(check, "%s", output.Sanitise(err.Error())).advise(findingProblem, "set db to the path of a file")
	case location.Path == "" && location.URL == "":
		return fine(check, "in memory, it ends with its server")
	case location.Path == "":
		if _, err := url.Parse(place); err != nil {
			return fine(check, "%s cannot be read as a URL", redacted(place)).advise(findingProblem, "set db to a URL such as "+
				"postgres://user@host:5432/database: what is special in a password is written in percent, or give it in PGPASSWORD")
		}
		return fine(check, "%s", redacted(place))
	}
	version, err := sqlite.Schema(location.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fine(check, "%s will be made", location.Path)
	case err != nil:
		return fine(check, "%s cannot be used: %s", location.Path, output.Sanitise(err.Error())).
			advise(findingProblem, "choose another file with --db, or move that one away")
	case version > sqlite.SchemaVersion:
		return fine(check, "%s was written by a newer onetouch (schema %d, this one knows %d)", location.Path, version,
			sqlite.SchemaVersion).advise(findingProblem, "update onetouch, or choose another file with --db")
	case version < sqlite.SchemaVersion && version > 0:
		return fine(check, "%s has schema %d, the next command brings it to %d", location.Path, version, sqlite.SchemaVersion)
	default:
		return fine(check, "%s has schema %d", location.Path, sqlite.SchemaVersion)
	}
}

// certificate looks at the authority that vouches for the server in a local network.
func (p *patient) certificate() diagnosis {
	const check, soon = "certificate", 30 * 24 * time.Hour
	path := p.workspace.CertificateAuthority()
	ends, err := localca.Expiry(path)
	left := time.Until(ends)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fine(check, "none yet, 'onetouch serve --lan' makes one")
	case err != nil:
		return fine(check, "%s: %v", path, err).advise(findingWarning, "the next 'onetouch serve --lan' makes a new one")
	case left < 0:
		return fine(check, "the authority ended on %s", ends.Format(time.DateOnly)).
			advise(findingWarning, "start 'onetouch serve --lan' again, and trust the new one on your phone")
	case left < soon:
		return fine(check, "the authority ends on %s", ends.Format(time.DateOnly)).
			advise(findingWarning, "the next 'onetouch serve --lan' makes a new one, which your phone has to trust")
	}
	return fine(check, "the authority lasts until %s", ends.Format(time.DateOnly))
}
