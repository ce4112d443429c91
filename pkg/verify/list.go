package verify

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
)

// pageSize is how many entries a page of a list is asked to have.
const pageSize = 50

// page is one page of a list, whose entries stand under a name of the list's own.
type page[T any] struct {
	key   string
	items []T
	meta  struct {
		NextPageURL string `json:"next_page_url"`
	}
	complete bool
}

func (p *page[T]) whole() bool { return p.complete }

// UnmarshalJSON reads a page.
func (p *page[T]) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	entries, there := members[p.key]
	if !there || json.Unmarshal(members["meta"], &p.meta) != nil {
		return nil //nolint:nilerr // which is not whole
	}
	p.complete = true
	return json.Unmarshal(entries, &p.items)
}

// listed reads a list to its end. Of the URL of a next page only the query counts, so that the auth token goes nowhere else.
func listed[T any](ctx context.Context, c *Client, path, key string, query url.Values) ([]T, error) {
	items := []T{}
	if query == nil {
		query = url.Values{}
	}
	query.Set("PageSize", strconv.Itoa(pageSize))
	for seen := map[string]bool{}; ; {
		one := &page[T]{key: key}
		if err := c.ask(ctx, http.MethodGet, path, query, one); err != nil {
			return nil, err
		}
		items = append(items, one.items...)
		next, err := url.Parse(one.meta.NextPageURL)
		if one.meta.NextPageURL == "" || err != nil || seen[next.RawQuery] {
			return items, nil //nolint:nilerr // a page that cannot be named is none
		}
		seen[next.RawQuery] = true
		query = next.Query()
	}
}
