package authyapi

//go:generate go run ./generate ../../../docs/compatibility.md
