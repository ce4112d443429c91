package verifyapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

const (
	pageParameters = "PageSize Page PageToken"
	defaultPage    = 50
	longestPage    = 100
)

// meta tells of a page of a list.
type meta struct {
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	FirstPageURL    string  `json:"first_page_url"`
	PreviousPageURL *string `json:"previous_page_url"`
	URL             string  `json:"url"`
	NextPageURL     *string `json:"next_page_url"`
	Key             string  `json:"key"`
}

// list is what pages are cut from. A page begins after the cursor of an item, or at the list's beginning.
type list[T any] struct {
	key string
	// items returns those after the cursor, or, backwards, those before it, the nearest first.
	items    func(cursor string, backwards bool, most int) ([]T, error)
	cursorOf func(T) string
	show     func(T) any
}

// page answers one page of a list.
func page[T any](c *call, l list[T]) (answer, error) {
	m := meta{PageSize: defaultPage, Key: l.key}
	if err := c.integer("PageSize", &m.PageSize); err != nil {
		return answer{}, err
	}
	if m.PageSize < 1 {
		return answer{}, onetouch.InvalidParameter("PageSize", "must be from 1 to 100")
	}
	m.PageSize = min(m.PageSize, longestPage)
	cursor, err := c.cursor(&m)
	if err != nil {
		return answer{}, err
	}
	items, err := l.items(cursor, false, m.PageSize+1)
	if err != nil {
		return answer{}, err
	}
	m.FirstPageURL, m.URL = c.pageURL(m, 0, ""), c.base()+c.URL.RequestURI()
	if len(items) > m.PageSize {
		items = items[:m.PageSize]
		next := c.pageURL(m, m.Page+1, l.cursorOf(items[len(items)-1]))
		m.NextPageURL = &next
	}
	if cursor != "" {
		if m.PreviousPageURL, err = previous(c, l, m, cursor); err != nil {
			return answer{}, err
		}
	}
	shown := make([]any, len(items))
	for i, item := range items {
		shown[i] = l.show(item)
	}
	return ok(map[string]any{"meta": m, l.key: shown}), nil
}

// previous is where the page before this one is, whose last item is that of the cursor.
func previous[T any](c *call, l list[T], m meta, cursor string) (*string, error) {
	before, err := l.items(cursor, true, m.PageSize)
	if err != nil {
		return nil, err
	}
	start := ""
	if len(before) == m.PageSize {
		start = l.cursorOf(before[m.PageSize-1])
	}
	where := c.pageURL(m, max(0, m.Page-1), start)
	return &where, nil
}

// cursor reads where a page begins. A token is good for the list that has given it, with the same filter.
func (c *call) cursor(m *meta) (string, error) {
	if err := c.integer("Page", &m.Page); err != nil {
		return "", err
	}
	token := c.form.Get("PageToken")
	if token == "" {
		if m.Page != 0 {
			return "", onetouch.InvalidParameter("Page", "is reached by its PageToken only: follow next_page_url")
		}
		return "", nil
	}
	wrong := onetouch.InvalidParameter("PageToken", "is not one that this list has given")
	decoded, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, "PT"))
	mark, cursor, is := strings.Cut(string(decoded), " ")
	if err != nil || !is || mark != c.mark() || m.Page < 0 {
		return "", wrong
	}
	return cursor, nil
}

// mark tells lists, and their filters, from each other.
func (c *call) mark() string {
	filter := c.filter()
	sum := sha256.Sum256([]byte(c.URL.Path + "?" + filter.Encode()))
	return hex.EncodeToString(sum[:8])
}

// filter is what the list was asked for, without what is about its pages.
func (c *call) filter() url.Values {
	filter := url.Values{}
	for name, values := range c.form {
		if !strings.HasPrefix(name, "Page") {
			filter[name] = values
		}
	}
	return filter
}

func (c *call) pageURL(m meta, number int, cursor string) string {
	query := c.filter()
	query.Set("PageSize", strconv.Itoa(m.PageSize))
	query.Set("Page", strconv.Itoa(number))
	if cursor != "" {
		query.Set("PageToken", "PT"+base64.RawURLEncoding.EncodeToString([]byte(c.mark()+" "+cursor)))
	}
	return c.base() + c.URL.Path + "?" + query.Encode()
}

// base is where the server was asked.
func (c *call) base() string {
	scheme := "http"
	if c.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.Host
}

// url is the absolute URL of something below the API.
func (c *call) url(path ...string) string {
	escaped := make([]string, len(path))
	for i, part := range path {
		escaped[i] = url.PathEscape(part)
	}
	return c.base() + Prefix + "/" + strings.Join(escaped, "/")
}

// short lists items that are few enough to be read at once.
func short[T any](key string, all []T, cursorOf func(T) string, show func(T) any) list[T] {
	return list[T]{key: key, cursorOf: cursorOf, show: show, items: func(cursor string, backwards bool, most int) ([]T, error) {
		at := -1
		for i, item := range all {
			if cursor != "" && cursorOf(item) == cursor {
				at = i
			}
		}
		if cursor != "" && at < 0 {
			return nil, onetouch.InvalidParameter("PageToken", "is of something that is there no more")
		}
		var found []T
		if !backwards {
			found = all[at+1:]
		} else {
			for i := at - 1; i >= 0; i-- {
				found = append(found, all[i])
			}
		}
		return found[:min(len(found), most)], nil
	}}
}
