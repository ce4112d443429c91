// Package config knows what a user may set once instead of on every command line ([Settings]) and where the user's files
// are ([Folders], [Workspace]).
//
// A setting has one name everywhere: the flag --callback-url is ONETOUCH_CALLBACK_URL in the environment and callback-url
// in a file. Flags win over the environment, the environment over ./onetouch.yaml, that file over the user's own
// (onetouch/config.yaml in $XDG_CONFIG_HOME), and that over the defaults.
//
// A workspace is one set of files: a server's database, the keys of the devices simulated here, and what commands need
// to find and to be let in by the workspace's server. It has nothing to do with how the server behaves.
package config
