package sequence

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/onetouchkit/onetouch/internal/terminal"
)

// Sizes of an SVG, in pixels.
const (
	svgFont    = 13  // size of letters
	svgColumn  = 7.9 // width of a letter, of the widest fonts of one width
	svgLine    = 17  // height of a line of text
	svgGutter  = 110 // where the times stand
	svgSpacing = 260 // from one participant to the next
	svgBox     = 210 // width of the box of a participant
	svgMargin  = 24
	svgHead    = 7 // length of the head of an arrow
)

// svgStyle has both looks. Where a page forbids it to be used, the attributes of the light one stay.
const svgStyle = `<style>
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px;white-space:pre}
@media (prefers-color-scheme:dark){
.page{fill:#12161c}.box{fill:#1f2630;stroke:#8b98a9}.life{stroke:#566272}.ink{fill:#e6ebf2}.soft{fill:#a3b0c2}
.line{stroke:#c4cedb}.head{fill:#c4cedb}.good{fill:#6fd08c}.goodline{stroke:#6fd08c}.bad{fill:#ff8f85}.badline{stroke:#ff8f85}
.halo{stroke:#12161c}.note{fill:#3a3118;stroke:#d3b04a}
}
</style>
`

// canvas is an SVG as it is written.
type canvas struct {
	Diagram

	body strings.Builder
	y    int
}

// SVG is the diagram as an SVG file that needs nothing else. It is light or dark as whoever looks at it prefers.
func (d Diagram) SVG() []byte {
	c := &canvas{Diagram: d, y: svgMargin}
	bottom := c.boxes()
	for _, s := range d.Steps {
		c.step(s)
	}
	c.y += svgLine
	width := svgGutter + len(d.Participants)*svgSpacing + svgMargin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" `+
		`aria-labelledby="title desc" font-family="monospace" font-size="%d">`+"\n", width, c.y, width, c.y, svgFont)
	b.WriteString("<title id=\"title\">" + xmlText(d.Title) + "</title>\n<desc id=\"desc\">" +
		xmlText(d.Description+" The story began at "+d.begun()+".") + "</desc>\n" + svgStyle)
	fmt.Fprintf(&b, `<rect class="page" width="%d" height="%d" fill="#ffffff"/>`+"\n", width, c.y)
	for i := range d.Participants {
		fmt.Fprintf(&b, `<line class="life" x1="%d" y1="%d" x2="%d" y2="%d" stroke="#9aa5b1" stroke-dasharray="3 4"/>`+"\n",
			lifeline(i), bottom, lifeline(i), c.y)
	}
	b.WriteString(c.body.String() + "</svg>\n")
	return []byte(b.String())
}

// lifeline is where the line of a participant stands.
func lifeline(participant int) int { return svgGutter + participant*svgSpacing + svgSpacing/2 }

// columnsIn is how many letters have room in so many pixels.
func columnsIn(pixels int) int { return int(float64(pixels) / svgColumn) }

// boxes draws the participants, and says where the boxes end.
func (c *canvas) boxes() (bottom int) {
	inside := columnsIn(svgBox - 16)
	var names, roles [][]string
	most := 0
	for _, p := range c.Participants {
		name, role := p.called()
		names = append(names, wrapped(name, inside))
		var second []string
		if role != "" {
			second = wrapped(role, inside)
		}
		roles = append(roles, second)
		most = max(most, len(names[len(names)-1])+len(second))
	}
	height := most*svgLine + 14
	for i := range c.Participants {
		fmt.Fprintf(&c.body, `<rect class="box" x="%d" y="%d" width="%d" height="%d" rx="6" fill="#f2f5f9" stroke="#6b7785"/>`+"\n",
			lifeline(i)-svgBox/2, c.y, svgBox, height)
		y := c.y + svgLine + (most-len(names[i])-len(roles[i]))*svgLine/2 + 2
		y = c.lines("ink", "#1c2430", lifeline(i), y, names[i], ` font-weight="bold"`)
		c.lines("soft", "#55606e", lifeline(i), y, roles[i], "")
	}
	c.y += height
	bottom = c.y
	c.y += svgLine
	return bottom
}

// lines writes lines of text around a place, and says where the next one goes.
func (c *canvas) lines(class, fill string, x, y int, lines []string, attributes string) int {
	for _, line := range lines {
		fmt.Fprintf(&c.body, `<text class="%s" x="%d" y="%d" text-anchor="middle" fill="%s"%s>%s</text>`+"\n",
			class, x, y, fill, attributes, xmlText(line))
		y += svgLine
	}
	return y
}

// paint is the class and the light colour of an outcome.
func paint(o Outcome) (class, colour string) {
	switch o {
	case Good:
		return "good", "#17713a"
	case Bad:
		return "bad", "#b3261e"
	default:
		return "ink", "#1c2430"
	}
}

func (c *canvas) step(s Step) {
	from, to := c.index(s.From), c.index(s.To)
	at := c.y + svgLine
	if to < 0 || from == to {
		c.note(s, max(from, 0))
	} else {
		c.arrow(from, to, s.said(), paintLine{class: "line", colour: "#3b4654", text: "ink", ink: "#1c2430"}, "")
		if s.Reply != "" {
			class, colour := paint(s.Outcome)
			p := paintLine{class: class + "line", colour: colour, text: class, ink: colour}
			if s.Outcome == Neither {
				p.class = "line"
			}
			c.arrow(to, from, s.Reply, p, ` stroke-dasharray="6 4"`)
		}
	}
	fmt.Fprintf(&c.body, `<text class="soft" x="%d" y="%d" text-anchor="end" fill="#55606e">%s</text>`+"\n",
		svgGutter-8, at, xmlText(offset(s.OffsetMS)))
	c.y += svgLine / 2
}

// paintLine is how an arrow looks.
type paintLine struct{ class, colour, text, ink string }

// halo keeps a text legible where it stands on a line.
const halo = ` paint-order="stroke" stroke="#ffffff" stroke-width="4" stroke-linejoin="round"`

func (c *canvas) arrow(from, to int, text string, p paintLine, dashes string) {
	x1, x2 := lifeline(from), lifeline(to)
	room := max(x1, x2) - min(x1, x2) - 24
	c.y += svgLine
	c.y = c.lines(p.text+" halo", p.ink, (x1+x2)/2, c.y, wrapped(text, columnsIn(room)), halo) - svgLine + 8
	step, head := 1, "head"
	if x2 < x1 {
		step = -1
	}
	if p.class != "line" {
		head = p.text
	}
	fmt.Fprintf(&c.body, `<line class="%s" x1="%d" y1="%d" x2="%d" y2="%d" stroke="%s" stroke-width="1.4"%s/>`+"\n",
		p.class, x1, c.y, x2-step*svgHead, c.y, p.colour, dashes)
	fmt.Fprintf(&c.body, `<path class="%s" d="M%d %dl%d -4v8z" fill="%s"/>`+"\n", head, x2, c.y, -step*svgHead, p.colour)
}

// note draws a note on the line of a participant.
func (c *canvas) note(s Step, on int) {
	width := svgSpacing - 20
	if on > 0 && on < len(c.Participants)-1 {
		width += svgSpacing / 2
	}
	lines := wrapped(s.said(), columnsIn(width-16))
	class, colour := paint(s.Outcome)
	fmt.Fprintf(&c.body, `<rect class="note" x="%d" y="%d" width="%d" height="%d" rx="3" fill="#fff6d6" stroke="#b08d2b"/>`+"\n",
		lifeline(on)-width/2, c.y+3, width, len(lines)*svgLine+8)
	c.y = c.lines(class, colour, lifeline(on), c.y+svgLine+2, lines, "")
}

// xmlText is a text from outside within an element.
func xmlText(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(terminal.Sanitise(text))) // a builder takes everything
	return b.String()
}
