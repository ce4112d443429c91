package authyapi

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"rsc.io/qr"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/problem"
)

// quietZone is the white margin that a reader of QR codes needs, in modules. Source: ISO/IEC 18004.
const quietZone = 4

// qrCode is a QR code that says text, as a PNG of size by size pixels. A size that is too small for the text is refused.
func qrCode(text string, size int) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("encoding a QR code: %w", err)
	}
	whole := code.Size + 2*quietZone
	scale := size / whole
	if scale < 1 {
		return nil, problem.New(onetouch.CodeInvalidParameter,
			fmt.Sprintf("Invalid parameter: qr_size - must be at least %d pixels for this label", whole))
	}
	picture := image.NewPaletted(image.Rect(0, 0, size, size), color.Palette{color.White, color.Black})
	margin := (size - code.Size*scale) / 2
	for y := range code.Size * scale {
		for x := range code.Size * scale {
			if code.Black(x/scale, y/scale) {
				picture.SetColorIndex(margin+x, margin+y, 1)
			}
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return nil, fmt.Errorf("writing a QR code: %w", err)
	}
	return file.Bytes(), nil
}
