package authyapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/onetouchkit/onetouch/internal/authywire"
	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// qrPath is where the pictures are. Their names have a random part and an end, so that clients see a picture in the URL.
const (
	qrPath = "/qr_codes"
	qrEnd  = ".png"
)

// Sizes of pictures, in pixels. Source of the default: authy-ruby.
const (
	defaultQRSize = 300
	mostQRSize    = 1000
)

// authenticator: POST users/{id}/secret. The picture is served at the host that the client asked.
func (a *API) authenticator(c *call) (authywire.Object, error) {
	size, err := c.pictureSize("qr_size")
	if err != nil {
		return nil, err
	}
	p, err := a.service.ProvisionAuthenticator(c.Context(), c.app, c.userID(), c.text("label"))
	if err != nil {
		return nil, err
	}
	return authywire.Object{
		{Name: "issuer", Value: p.Issuer},
		{Name: "label", Value: p.Label},
		{Name: "qr_code", Value: fmt.Sprintf("%s://%s%s/%s%s?size=%d", scheme(c.Request), c.Host, qrPath, p.Ticket, qrEnd, size)},
		{Name: "secret", Value: p.SecretText()},
		{Name: "uri", Value: p.URI()},
	}, nil
}

// pictureSize reads a parameter that is the size of a picture, in pixels.
func (c *call) pictureSize(name string) (int64, error) {
	size, given := c.integer(name)
	if !given {
		return defaultQRSize, nil
	}
	if size < 1 || size > mostQRSize {
		return 0, onetouch.InvalidParameter(name, fmt.Sprintf("must be from 1 to %d pixels", mostQRSize))
	}
	return size, nil
}

// qrPicture: GET the picture itself.
func (a *API) qrPicture(w http.ResponseWriter, c *call) error {
	size, err := c.pictureSize("size")
	if err != nil {
		return err
	}
	p, err := a.service.AuthenticatorByTicket(c.Context(), strings.TrimSuffix(c.PathValue("file"), qrEnd))
	if err != nil {
		return err
	}
	code, err := encodeQR(p.URI())
	if err != nil {
		return err
	}
	picture, err := qrCode(code, int(size))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	wire.Bytes(w, http.StatusOK, picture)
	return nil
}
