package authyapi

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"rsc.io/qr"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// quietZone is the white margin that a reader of QR codes needs, in modules. Source: ISO/IEC 18004.
const quietZone = 4

// encodeQR refuses a text that no QR code can hold.
func encodeQR(text string) (*qr.Code, error) {
	for _, level := range []qr.Level{qr.M, qr.L} { // the second corrects less, and holds more
		if code, err := qr.Encode(text, level); err == nil {
			return code, nil
		}
	}
	return nil, onetouch.LabelTooLong()
}

// qrCode is a QR code as a PNG of size by size pixels. It is larger where a reader could not tell its modules apart.
func qrCode(code *qr.Code, size int) ([]byte, error) {
	whole := code.Size + 2*quietZone
	size = max(size, whole)
	scale := size / whole
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
