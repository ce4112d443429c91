package store

func (r reader) Count(appID, what string, period int) (int, error) {
	number, err := one(r.connection, scalar,
		"SELECT COALESCE(MAX(number), 0) FROM counts WHERE app_id = ? AND period = ? AND what = ?", appID, period, what)
	return int(number), err
}

func (t transaction) AddCount(appID, what string, period, number int) error {
	return t.execOne(`INSERT INTO counts (app_id, period, what, number) VALUES (?, ?, ?, ?)
		ON CONFLICT (app_id, period, what) DO UPDATE SET number = counts.number + excluded.number`,
		appID, period, what, number)
}
