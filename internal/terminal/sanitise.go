// Package terminal writes what people read on a terminal, above all text that others wrote, which it makes harmless. Commands
// and the terminal UI share it, so that no way of showing a message is less safe than another, or says it otherwise.
package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Sanitise makes text from outside harmless for a terminal and keeps it on one line. Whatever could move the cursor,
// change the terminal's state, reverse the reading direction or hide is replaced by something visible: control
// characters by their Unicode picture (ESC becomes ␛, a newline ␊), the rest by its code point (<U+202E>), broken UTF-8
// by U+FFFD. Letters of every script and emoji, also the joined ones, stay as they are.
func Sanitise(s string) string {
	return replaceUnsafe(s, unsafe, picture)
}

// SanitiseBlock is [Sanitise] for text that may have lines and tabs, such as the output of the user's own template.
func SanitiseBlock(s string) string {
	return replaceUnsafe(s, unsafeInBlock, picture)
}

// SanitiseWith is [Sanitise] with the caller's own replacement, such as an escape of the language the text stands in.
func SanitiseWith(s string, replacement func(rune) string) string {
	return replaceUnsafe(s, unsafe, replacement)
}

// replaceUnsafe returns s itself when there is nothing to replace.
func replaceUnsafe(s string, unsafe func(rune) bool, replacement func(rune) string) string {
	var b strings.Builder
	written, inFlag := 0, false
	for i, r := range s {
		inFlag = r == blackFlag || inFlag && isTag(r)
		broken := r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError))
		if !broken && (!unsafe(r) || inFlag) {
			continue
		}
		b.WriteString(s[written:i])
		b.WriteString(replacement(r))
		written = i + utf8.RuneLen(r)
		if broken {
			written = i + 1
		}
	}
	if written == 0 {
		return s
	}
	b.WriteString(s[written:])
	return b.String()
}

// blackFlag begins the flags of England, Scotland and Wales; tag characters spell which one.
const blackFlag = '\U0001F3F4'

func isTag(r rune) bool { return r >= 0xE0020 && r <= 0xE007F }

// unsafe reports whether r has an effect on the terminal or on the reader that cannot be seen.
func unsafe(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7F && r <= 0x9F: // C0, DEL, C1
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069: // bidirectional embeddings, overrides, isolates
		return true
	case r == 0x2028, r == 0x2029: // line and paragraph separator
		return true
	case r == 0x200B, r >= 0x2060 && r <= 0x2064, r == 0xFEFF: // zero-width space, joiners and operators
		return true
	case r >= 0x206A && r <= 0x206F, r >= 0xFFF9 && r <= 0xFFFB: // deprecated format characters, annotations
		return true
	}
	return r >= 0xE0000 && r <= 0xE007F // language tag and tag characters outside a flag
}

func unsafeInBlock(r rune) bool {
	return r != '\n' && r != '\t' && unsafe(r)
}

// picture makes an unsafe character visible.
func picture(r rune) string {
	const firstPicture, deletePicture = 0x2400, '␡'
	switch {
	case r < 0x20:
		return string(firstPicture + r)
	case r == 0x7F:
		return string(deletePicture)
	case r == utf8.RuneError:
		return string(utf8.RuneError)
	}
	return fmt.Sprintf("<U+%04X>", r)
}
