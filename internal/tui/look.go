package tui

import (
	"image/color"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/progress"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
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

	bar  progress.Model
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

func newLook(profile colorprofile.Profile) look {
	pick := lipgloss.Complete(profile)
	styles := map[string]lipgloss.Style{}
	var solid = map[string]color.Color{}
	for name, p := range colours() {
		solid[name] = pick(colour(p.basic), colour(p.indexed), colour(p.full))
		styles[name] = lipgloss.NewStyle().Foreground(solid[name])
	}
	muted := styles["muted"]
	if profile < colorprofile.ANSI256 {
		muted = lipgloss.NewStyle().Faint(true)
	}
	l := look{
		profile: profile,

		plain:  lipgloss.NewStyle(),
		strong: lipgloss.NewStyle().Bold(true),
		muted:  muted,
		accent: styles["accent"].Bold(true),
		good:   styles["good"].Bold(true),
		bad:    styles["bad"].Bold(true),
		warn:   styles["warn"].Bold(true),
		border: muted,

		approve: styles["good"].Bold(true).Reverse(true),
		deny:    styles["bad"].Bold(true).Reverse(true),

		bar:  progress.New(progress.WithoutPercentage(), progress.WithFillCharacters('━', '─')),
		help: help.New(),
	}
	l.bar.EmptyColor = solid["muted"]
	l.help.Styles = help.Styles{
		Ellipsis: muted, ShortKey: l.strong, ShortDesc: muted, ShortSeparator: muted,
		FullKey: l.accent, FullDesc: l.plain, FullSeparator: l.plain,
	}
	l.help.ShortSeparator, l.help.FullSeparator = "  ", "   "
	return l
}

func colour(name string) color.Color {
	if name == "" {
		return lipgloss.NoColor{}
	}
	return lipgloss.Color(name)
}

// progress draws a bar of which the given part is full, in the style's colour.
func (l look) progress(style lipgloss.Style, width int, part float64) string {
	bar := l.bar
	bar.SetWidth(width)
	bar.FullColor = style.GetForeground()
	return bar.ViewAs(min(1, max(0, part)))
}
