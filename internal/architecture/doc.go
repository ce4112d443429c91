// Package architecture holds no code, only the tests of what docs/architecture.md says of the layout: which folders there
// are, and which of them may import which.
package architecture
