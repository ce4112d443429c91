// Package packaging holds no code, only tests of what brings onetouch to other people's machines: the GitHub Action, the
// container image, and the example that starts it beside a backend. The packages of a release are tried by .ci/release.
package packaging
