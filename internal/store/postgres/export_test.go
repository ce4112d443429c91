package postgres

// What tests look at.
var (
	Escaped   = escaped
	Unescaped = unescaped
	Dialect   = dialect
)
