package parameters

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
)

// multipart reads a multipart form: what PHP's curl sends for an array, and curl --form. Files are refused.
func (r *reader) multipart(body []byte, boundary string) (*node, error) {
	broken := wrongRequest("the body is not a multipart form with the boundary that Content-Type names")
	if boundary == "" {
		return nil, broken
	}
	root := &node{kind: isObject}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for count := 0; ; count++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && (count > 0 || bytes.Contains(body, []byte("--"+boundary+"--"))) {
			return root, nil
		}
		if err != nil {
			return nil, broken
		}
		if part.FileName() != "" {
			return nil, wrongParameter(part.FormName(), "must be a text, not a file")
		}
		if err := r.field(root, part.FormName(), func() (string, error) {
			value, err := io.ReadAll(part)
			if err != nil {
				return "", broken
			}
			return string(value), nil
		}); err != nil {
			return nil, err
		}
	}
}
