package authywire

// Object is an ordered set of named values. Names are unique.
type Object []Member

// Member is one named value: nil, a bool, a string, an int or int64, an [Object], an [Array] or a details.List. There
// are no floating-point numbers: receivers of signed callbacks print them in different ways.
type Member struct {
	Name  string
	Value any
}

// Array is a list of values of the kinds a [Member] takes.
type Array []any
