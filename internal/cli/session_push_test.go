package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// post STATUS URL BODY: whoever listens at the URL answers a POST with that status. What it says is stdout for "let" and
// "stdout".
func post(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: post STATUS URL BODY")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, args[1], strings.NewReader(args[2]))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	if got := strconv.Itoa(response.StatusCode); got != args[0] {
		ts.Fatalf("answered %s %s, want %s", got, body, args[0])
	}
	_, err = ts.Stdout().Write(body)
	ts.Check(err)
}

// form STATUS MEMBER METHOD URL CREDENTIALS FORM: a form that is sent with USER:PASSWORD is answered with the status. The member of
// the answer is stdout for "let" and "stdout"; "-" is none.
func form(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 6 {
		ts.Fatalf("usage: form STATUS MEMBER METHOD URL CREDENTIALS FORM")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, args[2], args[3], strings.NewReader(args[5]))
	ts.Check(err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	user, password, _ := strings.Cut(args[4], ":")
	request.SetBasicAuth(user, password)
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	ts.Check(err)
	if got := strconv.Itoa(response.StatusCode); got != args[0] {
		ts.Fatalf("answered %s %s, want %s", got, body, args[0])
	}
	if args[1] == "-" {
		return
	}
	var members map[string]any
	ts.Check(json.Unmarshal(body, &members))
	_, err = fmt.Fprintln(ts.Stdout(), members[args[1]])
	ts.Check(err)
}

// until PATTERN PROGRAM…: runs the program until its output matches. It is for what another process is about to do.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN PROGRAM ARGUMENT…")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	eventually(ts, args[0], func() bool {
		ts.Check(ts.Exec(args[1], args[2:]...))
		return pattern.MatchString(ts.ReadFile("stdout"))
	})
}

// lines NUMBER FILE: waits until the file has that many lines. A program that is interrupted when others see what it did may
// not have said so yet.
func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines NUMBER FILE")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	eventually(ts, args[0]+" lines in "+args[1], func() bool {
		return strings.Count(ts.ReadFile(args[1]), "\n") >= want
	})
}
