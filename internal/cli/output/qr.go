package output

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mdp/qrterminal/v3"
)

const (
	qrQuietZone = 4    // modules of white margin that a reader needs. Source: ISO/IEC 18004.
	qrMostText  = 2900 // bytes; the largest code has a little more
	// qrColours are white on black: without them a terminal with dark letters would show the negative of a code.
	qrColours = "\x1b[97;40m"
	qrPlain   = "\x1b[0m"
)

// WriteQR writes text as a QR code made of half blocks, two rows of the code in each line, when a person at a terminal can
// scan it there. It reports whether it did: it does not off a terminal, on one that cannot show the blocks or is too narrow,
// and for text that no code can hold. Write the text itself below: not everybody can scan.
func WriteQR(s *Streams, text string) (shown bool, err error) {
	if !s.Terminal.Out || !s.Terminal.Unicode || len(text) > qrMostText {
		return false, nil
	}
	lines := qrLines(text)
	if utf8.RuneCountInString(lines[0]) > s.Terminal.Width {
		return false, nil
	}
	var code strings.Builder
	for _, line := range lines {
		if s.Terminal.OutEscapes { // its colours are content: NO_COLOR is about decoration
			line = qrColours + line + qrPlain
		}
		code.WriteString(line + "\n")
	}
	if _, err := s.Out.Write([]byte(code.String())); err != nil {
		return false, fmt.Errorf("writing a QR code: %w", err)
	}
	return true, nil
}

// qrLines draws white as letters, so that a dark terminal without colours shows the code as it is.
func qrLines(text string) []string {
	var drawn bytes.Buffer
	qrterminal.GenerateWithConfig(text, qrterminal.Config{
		// The least redundancy makes the smallest code: a screen has no stains.
		Level: qrterminal.L, Writer: &drawn, HalfBlocks: true, QuietZone: qrQuietZone,
	})
	return strings.Split(strings.TrimSuffix(drawn.String(), "\n"), "\n")
}
