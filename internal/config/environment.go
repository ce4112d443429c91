package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Environment is where settings and folders come from, beside flags.
type Environment struct {
	// Lookup returns the value of an environment variable and whether it is set, as [os.LookupEnv] does.
	Lookup func(name string) (string, bool)
	Dir    string // the folder that holds onetouch.yaml; "": the working folder
}

// System is the environment of this process.
func System() Environment { return Environment{Lookup: os.LookupEnv} }

// errNotFolder is a path below something that is no folder, such as a HOME of /dev/null.
const errNotFolder = syscall.ENOTDIR

// settings are those that the environment gives. An empty variable says nothing, unless the table says so.
func (e Environment) settings() map[string]any {
	given := map[string]any{}
	for _, one := range table() {
		value, set := e.Lookup(Variable(one.key))
		if set && (value != "" || one.emptyCounts) {
			given[one.key] = value
		}
	}
	return given
}

// Errors of folders that cannot be told.
var errNoHome = errors.New("cannot tell where your files belong: set HOME, or XDG_DATA_HOME and XDG_CONFIG_HOME, " +
	"to a folder")

// DataVariable is the environment variable that names the folder of the workspaces, before any other. 'onetouch exec' sets it
// for the command that it runs, whose phones and tokens are no business of the user's own workspaces.
const DataVariable = "ONETOUCH_DATA_HOME"

// dataFolder holds the workspaces.
func (e Environment) dataFolder() (string, error) {
	if folder, _ := e.Lookup(DataVariable); filepath.IsAbs(folder) {
		return folder, nil
	}
	return e.folder("XDG_DATA_HOME", "LocalAppData", ".local", "share")
}

// configFolder holds the user's settings.
func (e Environment) configFolder() (string, error) {
	return e.folder("XDG_CONFIG_HOME", "AppData", ".config")
}

// folder follows the XDG base directory specification, also on macOS; on Windows the system's own variable comes second.
func (e Environment) folder(xdg, windows string, belowHome ...string) (string, error) {
	// The specification: a relative path is invalid and has to be ignored.
	if base, _ := e.Lookup(xdg); filepath.IsAbs(base) {
		return filepath.Join(base, "onetouch"), nil
	}
	home := "HOME"
	if runtime.GOOS == "windows" {
		if base, _ := e.Lookup(windows); base != "" {
			return filepath.Join(base, "onetouch"), nil
		}
		home = "USERPROFILE"
	}
	base, _ := e.Lookup(home)
	if !filepath.IsAbs(base) {
		return "", errNoHome
	}
	return filepath.Join(append(append([]string{base}, belowHome...), "onetouch")...), nil
}
