package callback

import (
	"net"
	"net/url"
	"strings"
)

func hostChoices(r Received, given, u *url.URL) []choice {
	var choices []choice
	add := func(text, host string) {
		if host != "" && host != u.Host {
			choices = append(choices, choice{
				Mistake{MistakeHost, text + ": signed for " + host + ", but checked for " + u.Host},
				func(d *draft) { d.host = host },
			})
		}
	}
	for _, told := range hostsTold(r) {
		add("the header "+told.header+" names another host", told.value)
	}
	name, port := u.Hostname(), u.Port()
	if strings.Contains(name, ":") {
		name = "[" + name + "]"
	}
	for _, other := range portsTold(r) {
		add("the header "+other.header+" names another port", name+":"+other.value)
	}
	if port != "" {
		add("the port is missing", name)
	}
	for _, standard := range []string{"443", "80"} {
		if port == "" {
			add("the standard port is written out", name+":"+standard)
		}
	}
	add("the host is written otherwise", given.Host)
	for _, local := range []string{"localhost", "127.0.0.1", "[::1]"} {
		if isLocal(name) {
			add("this machine has another name", strings.TrimSuffix(local+":"+port, ":"))
		}
	}
	if given.User != nil {
		add("the user of the URL is part of it", given.User.String()+"@"+u.Host)
	}
	return choices
}

func isLocal(name string) bool {
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// told is what a header says of the URL.
type told struct{ header, value string }

// hostsTold are the hosts that a proxy may have been asked for.
func hostsTold(r Received) []told {
	var hosts []told
	for _, header := range []string{"X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host", "Host"} {
		for _, value := range r.Header.Values(header) {
			for host := range strings.SplitSeq(value, ",") {
				hosts = append(hosts, told{header, strings.ToLower(strings.TrimSpace(host))})
			}
		}
	}
	for _, value := range r.Header.Values("Forwarded") { // RFC 7239
		for part := range strings.FieldsFuncSeq(value, func(c rune) bool { return c == ',' || c == ';' }) {
			name, host, _ := strings.Cut(strings.TrimSpace(part), "=")
			if strings.EqualFold(name, "host") {
				hosts = append(hosts, told{"Forwarded", strings.ToLower(strings.Trim(host, `"`))})
			}
		}
	}
	return hosts
}

func portsTold(r Received) []told {
	var ports []told
	for _, value := range r.Header.Values("X-Forwarded-Port") {
		ports = append(ports, told{"X-Forwarded-Port", strings.TrimSpace(value)})
	}
	return ports
}

func pathChoices(r Received, u *url.URL) []choice {
	var choices []choice
	path := u.EscapedPath()
	add := func(text, other string) {
		if other != path {
			choices = append(choices, choice{
				Mistake{MistakePath, text + ": signed for " + shownPath(other) + ", but checked for " + path},
				func(d *draft) { d.path = other },
			})
		}
	}
	for _, other := range pathsTold(r) {
		add("the header "+other.header+" names another path", other.value)
	}
	for _, prefix := range r.Header.Values("X-Forwarded-Prefix") {
		add("the header X-Forwarded-Prefix names the front of the path", strings.TrimRight(prefix, "/")+path)
	}
	if strings.HasSuffix(path, "/") {
		add("the slash at the end", strings.TrimRight(path, "/"))
	} else {
		add("the slash at the end", path+"/")
	}
	add("the path is not escaped", u.Path)
	add("the path is escaped otherwise", (&url.URL{Path: u.Path}).EscapedPath())
	add("slashes in the path come twice", strings.ReplaceAll(path, "//", "/"))
	rest := path
	for range 3 {
		_, after, more := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
		if !more {
			break
		}
		rest = "/" + after
		add("the front of the path is cut off", rest)
	}
	add("the path is left out", "/")
	return choices
}

// pathsTold are the paths that a proxy may have been asked for.
func pathsTold(r Received) []told {
	var paths []told
	for _, header := range []string{"X-Original-Uri", "X-Original-Url", "X-Rewrite-Url", "X-Forwarded-Uri"} {
		for _, value := range r.Header.Values(header) {
			if target, err := url.Parse(value); err == nil {
				paths = append(paths, told{header, target.EscapedPath()})
			}
		}
	}
	return paths
}

func shownPath(path string) string {
	if path == "" {
		return "no path"
	}
	return path
}

// tailChoices are what follows the path in a URL and is not signed.
func tailChoices(r Received, given *url.URL) []choice {
	var choices []choice
	add := func(kind MistakeKind, text, tail string) {
		choices = append(choices, choice{Mistake{kind, text}, func(d *draft) { d.tail = tail }})
	}
	query := given.RawQuery
	if query == "" && r.Method == "GET" {
		query = r.query()
	}
	if query != "" {
		add(MistakeQuery, "the URL was signed with its query", "?"+query)
	}
	if given.Fragment != "" {
		add(MistakeQuery, "the URL was signed with its fragment", "#"+given.EscapedFragment())
		if query != "" {
			add(MistakeQuery, "the URL was signed with its query and its fragment", "?"+query+"#"+given.EscapedFragment())
		}
	}
	return choices
}
