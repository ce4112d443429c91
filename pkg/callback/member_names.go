package callback

import "bytes"

// memberNames remembers the names of the objects that are being read, each within the one before it.
type memberNames struct{ names [][]byte }

// objectNames are those of the innermost object.
type objectNames struct {
	all   *memberNames
	start int
	many  map[string]struct{} // once there are too many to look through
}

func (m *memberNames) open() *objectNames { return &objectNames{all: m, start: len(m.names)} }

// close forgets them.
func (o *objectNames) close() { o.all.names = o.all.names[:o.start] }

// add reports whether the name is new.
func (o *objectNames) add(name []byte) bool {
	const few = 32
	if o.many != nil {
		before := len(o.many)
		o.many[string(name)] = struct{}{}
		return len(o.many) > before
	}
	names := o.all.names[o.start:]
	for _, known := range names {
		if bytes.Equal(known, name) {
			return false
		}
	}
	o.all.names = append(o.all.names, name)
	if len(names) == few {
		o.many = map[string]struct{}{}
		for _, known := range o.all.names[o.start:] {
			o.many[string(known)] = struct{}{}
		}
	}
	return true
}
