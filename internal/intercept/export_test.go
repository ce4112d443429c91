package intercept

// What the fuzz targets are about.
func ParseTarget(authority string) (string, error) { return parseTarget(authority) }

func NoProxy(given string, hosts []string) []string { return noProxy(given, hosts) }

func NonProxyHosts(direct []string) string { return nonProxyHosts(direct) }

func Decode(content []byte) [][]byte { return decode(content) }
