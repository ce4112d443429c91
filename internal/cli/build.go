package cli

import (
	"runtime/debug"
	"strings"
)

const (
	developmentVersion = "dev"
	unknownModule      = "(devel)"
	shortCommit        = 12 // digits
)

// complete asks the Go toolchain for what the linker was not told: `go install` knows the version, a build in a checkout
// the commit.
func (b Build) complete() Build {
	info, known := debug.ReadBuildInfo()
	if !known || b.Version != developmentVersion {
		return b
	}
	if info.Main.Version != "" && info.Main.Version != unknownModule {
		b.Version = strings.TrimPrefix(info.Main.Version, "v")
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value[:min(shortCommit, len(setting.Value))]
		case "vcs.time":
			b.Date = setting.Value
		}
	}
	return b
}

// speaksWith reports whether a server of another version understands this one's commands, and the other way round: by
// semantic versioning, the same major version, and before 1.0 the same minor version too.
func (b Build) speaksWith(version string) bool {
	return b.Version == version || compatible(b.Version) != "" && compatible(b.Version) == compatible(version)
}

// compatible is the part of a semantic version that stays the same while versions are compatible; "" for anything else.
func compatible(version string) string {
	major, rest, ok := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if !ok || !isNumber(major) {
		return ""
	}
	minor, _, ok := strings.Cut(rest, ".")
	if !ok || !isNumber(minor) {
		return ""
	}
	if major == "0" {
		return "0." + minor
	}
	return major
}

func isNumber(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
