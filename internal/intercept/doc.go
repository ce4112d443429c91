// Package intercept answers for hosts whose names are hard-wired in programs. A forward proxy on this machine hands calls
// for those names to a handler and lets everything else pass as it is; variables have the programs of a command use it and
// trust the certificates that it shows. Nothing is installed: when the command has ended, nothing of it is left.
//
// The certificates are those of an authority made for the one run. It may vouch for the intercepted names alone, and its key
// is never written anywhere.
package intercept
