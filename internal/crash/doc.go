// Package crash holds no code, only tests: servers are killed under load, again and again, and what their clients were told
// is compared with what is there afterwards. docs/durability.md says what is promised, and how to run more rounds.
package crash
