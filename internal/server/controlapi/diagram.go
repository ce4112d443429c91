package controlapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
	"github.com/onetouchkit/onetouch/internal/sequence"
	"github.com/onetouchkit/onetouch/internal/server/traffic"
	"github.com/onetouchkit/onetouch/internal/server/wire"
)

// Kinds of content that a diagram is answered in, beside JSON.
const (
	typeSVG     = "image/svg+xml"
	typeMermaid = "text/vnd.mermaid"
)

// diagram: GET /approval_requests/{uuid}/diagram, the story of a request as a [sequence.Diagram] in JSON; with format=svg or
// format=mermaid, or when the Accept header names its kind of content, as a drawing.
func (a *API) diagram(w http.ResponseWriter, r *http.Request) {
	format, err := diagramFormat(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	d, err := a.diagramOf(r.Context(), r.PathValue("uuid"))
	if err != nil {
		refuse(w, r, err)
		return
	}
	w.Header().Set("Vary", "Accept")
	switch format {
	case typeSVG:
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		w.Header().Set("Content-Type", typeSVG)
		wire.Bytes(w, http.StatusOK, d.SVG())
	case typeMermaid:
		w.Header().Set("Content-Type", typeMermaid+"; charset=utf-8")
		wire.Bytes(w, http.StatusOK, []byte(d.Mermaid()))
	default:
		wire.JSON(w, http.StatusOK, d)
	}
}

// diagramFormat is the kind of content that is asked for, "" for JSON.
func diagramFormat(r *http.Request) (string, error) {
	switch format := r.URL.Query().Get("format"); format {
	case "svg":
		return typeSVG, nil
	case "mermaid":
		return typeMermaid, nil
	case "json":
		return "", nil
	case "":
	default:
		return "", onetouch.InvalidParameter("format", "must be json, svg or mermaid")
	}
	for accepted := range strings.SplitSeq(strings.Join(r.Header.Values("Accept"), ","), ",") {
		if named, _ := wire.MediaType(accepted); named == typeSVG || named == typeMermaid {
			return named, nil
		}
	}
	return "", nil
}

func (a *API) diagramOf(ctx context.Context, uuid string) (sequence.Diagram, error) {
	request, err := a.service.AnyApprovalRequest(ctx, uuid)
	if err != nil {
		return sequence.Diagram{}, err
	}
	story := sequence.Story{Request: request, Now: a.service.Clock().Now(), Calls: a.Traffic.Calls(0)}
	story.Calls = slices.DeleteFunc(story.Calls, func(c traffic.Call) bool { return c.RequestUUID != uuid })
	if story.Deliveries, err = a.service.Deliveries(ctx, onetouch.DeliveryFilter{RequestUUID: uuid}); err != nil {
		return sequence.Diagram{}, err
	}
	story.Devices, err = a.service.Devices(ctx, onetouch.DeviceFilter{
		AppID: request.AppID, AuthyID: request.AuthyID, WithRemoved: true, WithTOTP: true,
	})
	return sequence.Of(story), err
}

// Diagram is the story of an approval request.
func (c *Client) Diagram(ctx context.Context, uuid string) (sequence.Diagram, error) {
	return read[sequence.Diagram](ctx, c, "/approval_requests/"+url.PathEscape(uuid)+"/diagram", nil)
}
