// Package output is the one place where commands write to the terminal: what the terminal can do ([Streams]), tables
// ([Table]), JSON with --jq and --template ([Format]), and text from outside made harmless ([Sanitise]).
//
// Off a terminal everything is plain: no colour, no headings, no shortened cells, so that other programs can read it.
package output
