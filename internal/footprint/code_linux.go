package footprint

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ForgetCode takes the pages of the program itself out of the memory of this process. The start of a program touches most of
// them, and what serves afterwards needs few: the kernel maps those again, from its own copy of the file, as they are used.
// Where that fails nothing is lost.
func ForgetCode() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		if begin, size, is := codeIn(line, program); is {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, begin, size, unix.MADV_DONTNEED)
		}
	}
}

// codeIn reads a line of /proc/self/maps, and reports whether it is a part of the program that nobody can have written to.
func codeIn(line, program string) (begin, size uintptr, is bool) {
	fields := strings.Fields(line)
	if len(fields) != 6 || fields[5] != program || fields[1] != "r-xp" && fields[1] != "r--p" {
		return 0, 0, false
	}
	from, to, _ := strings.Cut(fields[0], "-")
	first, err := strconv.ParseUint(from, 16, 64)
	if err != nil {
		return 0, 0, false
	}
	end, err := strconv.ParseUint(to, 16, 64)
	return uintptr(first), uintptr(end - first), err == nil && first < end
}
