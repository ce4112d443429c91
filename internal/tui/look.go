package tui

import (
	"io"
	"math"
	"strings"

	"github.com/charmbracelet/bubbles/help"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// look is every style of the screen.
//
// No colour is needed to read it: each state has its own sign and word, and what matters is bold or reversed. And no
// terminal has to be asked whether its background is light or dark, a question that some never answer: the colours are of
// middle brightness, with a contrast above 3 on black, white and the common themes between. A terminal with 16 colours uses
// those of the user's own theme.
type look struct {
	profile colorprofile.Profile

	plain  lipgloss.Style
	strong lipgloss.Style
	muted  lipgloss.Style
	accent lipgloss.Style
	good   lipgloss.Style
	bad    lipgloss.Style
	warn   lipgloss.Style
	border lipgloss.Style

	approve lipgloss.Style // buttons
	deny    lipgloss.Style

	rest lipgloss.Style // of a bar, what is not full
	help help.Model
}

// palette is a colour for each depth of colour: true colour, the 256 of xterm, the 16 of the theme.
type palette struct{ full, indexed, basic string }

func colours() map[string]palette {
	return map[string]palette{
		"good":   {"#17874A", "29", "2"},
		"bad":    {"#DE3F46", "167", "1"},
		"warn":   {"#A87400", "136", "3"},
		"accent": {"#3478E5", "68", "4"},
		"muted":  {"#767676", "243", ""}, // no grey of a theme can be trusted to differ from its background
	}
}

// in is the colour in a depth of colour.
func (p palette) in(profile colorprofile.Profile) lipgloss.TerminalColor {
	name := map[colorprofile.Profile]string{
		colorprofile.TrueColor: p.full, colorprofile.ANSI256: p.indexed, colorprofile.ANSI: p.basic,
	}[profile]
	if name == "" {
		return lipgloss.NoColor{}
	}
	return lipgloss.Color(name)
}

func newLook(profile colorprofile.Profile) look {
	renderer := newRenderer(profile)
	styles := map[string]lipgloss.Style{}
	for name, p := range colours() {
		styles[name] = renderer.NewStyle().Foreground(p.in(profile))
	}
	muted := styles["muted"]
	if profile < colorprofile.ANSI256 {
		muted = renderer.NewStyle().Faint(true)
	}
	l := look{
		profile: profile,

		plain:  renderer.NewStyle(),
		strong: renderer.NewStyle().Bold(true),
		muted:  muted,
		accent: styles["accent"].Bold(true),
		good:   styles["good"].Bold(true),
		bad:    styles["bad"].Bold(true),
		warn:   styles["warn"].Bold(true),
		border: muted,

		approve: styles["good"].Bold(true).Reverse(true),
		deny:    styles["bad"].Bold(true).Reverse(true),

		rest: styles["muted"],
		help: help.New(),
	}
	l.help.Styles = help.Styles{
		Ellipsis: muted, ShortKey: l.strong, ShortDesc: muted, ShortSeparator: muted,
		FullKey: l.accent, FullDesc: l.plain, FullSeparator: l.plain,
	}
	l.help.ShortSeparator, l.help.FullSeparator = "  ", "   "
	return l
}

// newRenderer states all that lipgloss would otherwise ask the terminal for. A style has a colour only where the profile
// has one; what is bold or reversed stays so without colours, while lipgloss's own profile for that, Ascii, would drop it.
func newRenderer(profile colorprofile.Profile) *lipgloss.Renderer {
	depths := map[colorprofile.Profile]termenv.Profile{
		colorprofile.TrueColor: termenv.TrueColor, colorprofile.ANSI256: termenv.ANSI256,
		colorprofile.ANSI: termenv.ANSI, colorprofile.ASCII: termenv.ANSI,
	}
	depth, known := depths[profile]
	if !known {
		depth = termenv.Ascii
	}
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(depth)
	renderer.SetHasDarkBackground(true)
	return renderer
}

// progress draws a bar of which the given part is full, in the style's colour.
func (l look) progress(style lipgloss.Style, width int, part float64) string {
	width = max(0, width)
	full := int(math.Round(float64(width) * min(1, max(0, part))))
	return style.Bold(false).Render(strings.Repeat("━", full)) + l.rest.Render(strings.Repeat("─", width-full))
}
