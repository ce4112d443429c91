package callback

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// readQuery reads a query string. A name comes once, unless it has [], as in events[]=a&events[]=b.
func readQuery(query string) (*parameters, error) {
	p := &parameters{lists: true}
	size := 0
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		text, err := escapeAgain(nil, name)
		if err != nil {
			return nil, err
		}
		equals := len(text)
		if text, err = escapeAgain(append(text, '='), value); err != nil {
			return nil, err
		}
		if size += len(text); size > maxFlattened {
			return nil, fmt.Errorf("%w: its values with their names take more than %d MiB", ErrTooLarge, maxFlattened>>20)
		}
		p.pairs = append(p.pairs, pair{text: string(text), equals: equals})
	}
	return p, nil
}

// escapeAgain turns a sender's way of escaping into the one that is signed.
func escapeAgain(dst []byte, text string) ([]byte, error) {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return nil, fmt.Errorf("%w: the query has an escape that cannot be read: %w", ErrMalformed, err)
	}
	if !utf8.ValidString(plain) {
		return nil, fmt.Errorf("%w: the query is not valid UTF-8", ErrMalformed)
	}
	if strings.Contains(text, ";") {
		// Some readers part pairs at semicolons, others do not.
		return nil, fmt.Errorf("%w: the query has a semicolon that is not escaped", ErrMalformed)
	}
	return appendEscaped(dst, plain), nil
}
