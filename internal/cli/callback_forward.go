package cli

import (
	"errors"
	"io"
	"net/http"
)

var errOtherProtocol = errors.New("it answered 101 Switching Protocols, which nobody asked for")

// forward passes a callback on, and returns the answer.
func (l *callbackListener) forward(r *http.Request, body []byte, shown *receivedCallback) reply {
	answer, err := l.pass(r, body)
	if err != nil {
		shown.ForwardError = "cannot be forwarded: " + innermost(err).Error()
		return reply{status: http.StatusBadGateway}
	}
	shown.Forwarded = answer.status
	for _, name := range hopByHop() {
		answer.header.Del(name)
	}
	answer.header.Del("Content-Length") // of the text that was read
	return answer
}

func (l *callbackListener) pass(r *http.Request, body []byte) (reply, error) {
	to := *l.target
	if to.Path == "" || to.Path == "/" {
		to.Path, to.RawPath = r.URL.Path, r.URL.RawPath
	}
	to.RawQuery = r.URL.RawQuery
	request, err := http.NewRequestWithContext(r.Context(), r.Method, to.String(), newBody(body))
	if err != nil {
		return reply{}, err
	}
	request.ContentLength = int64(len(body))
	request.Header, request.Host = r.Header.Clone(), r.Host
	for _, name := range hopByHop() {
		request.Header.Del(name)
	}
	response, err := l.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusSwitchingProtocols {
		return reply{}, errOtherProtocol // its body has no end
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxPayload))
	return reply{status: response.StatusCode, header: response.Header.Clone(), body: text}, err
}

// hopByHop are headers of one connection: RFC 9110, section 7.6.1.
func hopByHop() []string {
	return []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}
}
