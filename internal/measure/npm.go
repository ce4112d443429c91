package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The packages beside which the server is measured, as they were when docs/performance.md was written.
const (
	mountebankPackage = "mountebank@2.9.1"
	prismPackage      = "@stoplight/prism-cli@5.16.0"
)

// cannedAnswer is what the peers answer, whatever is asked.
const cannedAnswer = `{"approval_request":{"uuid":"550e8400-e29b-41d4-a716-446655440000"},"success":true}`

// fromNPM fetches the peers into the folder. They are run by node itself, so that their memory is that of the process.
func fromNPM(ctx context.Context, folder string) ([]contender, error) {
	fetch := exec.CommandContext(ctx, "npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--silent",
		mountebankPackage, prismPackage)
	fetch.Stderr = os.Stderr
	if err := fetch.Run(); err != nil {
		return nil, fmt.Errorf("npm install: %w", err)
	}
	modules := filepath.Join(folder, "node_modules")
	return []contender{mountebank(modules), prism(modules, folder)}, nil
}

// mountebank is told of the call once it runs, and answers it on a port of its own.
func mountebank(modules string) contender {
	return contender{
		name: "mountebank", ready: "/",
		start: func(ctx context.Context, _, port string) (*exec.Cmd, error) {
			return exec.CommandContext(ctx, "node", filepath.Join(modules, "mountebank", "bin", "mb"), "start",
				"--port", port, "--nologfile", "--loglevel", "error", "--host", "127.0.0.1",
				"--pidfile", filepath.Join(modules, "mb-"+port+".pid")), nil
		},
		prepare: func(ctx context.Context, base string) (string, error) {
			port, err := freePort(ctx)
			if err != nil {
				return "", err
			}
			imposter := fmt.Sprintf(`{"port":%s,"protocol":"http","host":"127.0.0.1","recordRequests":false,
				"stubs":[{"responses":[{"is":{"statusCode":200,
				"headers":{"Content-Type":"application/json","Connection":"keep-alive"},"body":%s}}]}]}`, port, cannedAnswer)
			_, err = post(ctx, http.DefaultClient, base+"/imposters", imposter)
			return "http://127.0.0.1:" + port + "/onetouch/json/users/1/approval_requests", err
		},
	}
}

// prism reads the call from an OpenAPI document.
func prism(modules, folder string) contender {
	return contender{
		name: "Prism", ready: "/",
		start: func(ctx context.Context, name, port string) (*exec.Cmd, error) {
			document := filepath.Join(folder, name+".json")
			if err := os.WriteFile(document, openAPI(), 0o600); err != nil {
				return nil, err
			}
			program := filepath.Join(modules, "@stoplight", "prism-cli", "dist", "index.js")
			return exec.CommandContext(ctx, "node", program, "mock",
				"--port", port, "--host", "127.0.0.1", "--verboseLevel", "error", document), nil
		},
		prepare: func(_ context.Context, base string) (string, error) {
			return base + "/onetouch/json/users/1/approval_requests", nil
		},
	}
}

func openAPI() []byte {
	document := `{"openapi":"3.0.3","info":{"title":"Authy","version":"1"},
		"paths":{"/onetouch/json/users/{id}/approval_requests":{"post":{
		"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}}],
		"requestBody":{"content":{"application/json":{"schema":{"type":"object"}}}},
		"responses":{"200":{"description":"asked","content":{"application/json":{"example":CANNED}}}}}}}}`
	return []byte(strings.ReplaceAll(document, "CANNED", string(json.RawMessage(cannedAnswer))))
}
