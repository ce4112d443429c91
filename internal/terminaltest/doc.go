// Package terminaltest runs programs on a pseudo-terminal and looks at what they draw there. Only tests import it, and only
// Unix has it.
package terminaltest
