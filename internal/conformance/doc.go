// Package conformance holds no code, only tests: published clients of the Authy API and of the Verify API, as their
// authors wrote them, play backends against the server. The folder clients has the suites, in the clients' own language, and
// pins the versions.
package conformance
