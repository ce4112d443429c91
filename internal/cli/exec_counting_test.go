package cli_test

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
)

// countSignals is a program that counts the signals that it gets, says so of each and for every line that it reads, and ends
// with 7 when that says so.
func countSignals() {
	caught := make(chan os.Signal, 16)
	signal.Notify(caught)
	lines := make(chan string)
	go func() {
		for said := bufio.NewScanner(os.Stdin); said.Scan(); {
			lines <- said.Text()
		}
		close(lines)
	}()
	fmt.Println("ready")
	for counted := map[string]int{}; ; {
		select {
		case one := <-caught:
			counted[one.String()]++
			if name := one.String(); name != "urgent I/O condition" { // which is the runtime's own
				fmt.Println(name, counted[name])
			}
		case line, more := <-lines:
			if !more {
				os.Exit(8)
			}
			fmt.Printf("%s: interrupt %d, terminated %d\n", line, counted["interrupt"], counted["terminated"])
			if line == "end" {
				os.Exit(7)
			}
		}
	}
}
