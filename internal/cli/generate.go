package cli

//go:generate go run ./generate ../..
