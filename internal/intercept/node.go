package intercept

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// redirect leads connections of Node.js to where they are answered. It needs no setting of the program, no support of
// proxies in its version, and leaves every other connection alone.
//
//go:embed redirect.cjs
var redirect string

// addNode sets what new versions of Node.js honour, and has every version load a script.
func (s setting) addNode(set map[string]string) error {
	roots := [][]byte{s.authority} // in addition to those that Node.js brings with it
	if given := s.given["NODE_EXTRA_CA_CERTS"]; given != "" {
		more, err := readRoots(given)
		if err != nil {
			return fmt.Errorf("NODE_EXTRA_CA_CERTS names certificates that cannot be read: %w", err)
		}
		roots = append(roots, more...)
	}
	set["NODE_EXTRA_CA_CERTS"] = filepath.Join(s.folder, "node-extra.pem")
	if err := write(set["NODE_EXTRA_CA_CERTS"], encode(roots)); err != nil {
		return err
	}
	script, err := s.redirectScript()
	if err != nil {
		return err
	}
	path := filepath.Join(s.folder, "redirect.cjs")
	if err := write(path, []byte(script)); err != nil {
		return err
	}
	set["NODE_OPTIONS"] = appended(s.given["NODE_OPTIONS"], fmt.Sprintf("--require=%q", slashed(path)))
	if s.given["NODE_USE_ENV_PROXY"] == "" {
		set["NODE_USE_ENV_PROXY"] = "1" // from 22.21 and 24.5 on
	}
	return nil
}

// redirectScript is the script with what it has to know.
func (s setting) redirectScript() (string, error) {
	host, port, err := net.SplitHostPort(s.direct.String())
	if err != nil {
		return "", err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return "", err
	}
	known, err := json.Marshal(map[string]any{"names": s.hosts, "host": host, "port": number})
	if err != nil {
		return "", err
	}
	return strings.Replace(redirect, "{ names: [], host: '', port: 0 }", string(known), 1), nil
}
