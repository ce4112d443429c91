package localca

import "time"

// Expiry is when the authority in a file ends. [fs.ErrNotExist] means that there is none.
func Expiry(path string) (time.Time, error) {
	a, err := read(path)
	if err != nil {
		return time.Time{}, err
	}
	return a.certificate.NotAfter, nil
}
