// Package readme holds the test that keeps the README honest: it runs every console session shown there and compares
// what is printed.
package readme
