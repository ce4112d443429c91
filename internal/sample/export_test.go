package sample

// Routes is the bank's table of calls.
func (b *Bank) Routes() []Route { return b.routes() }

// Tamper changes a transfer behind the bank's back, as whoever has got at its database could.
func (b *Bank) Tamper(customer, id, to string, amount int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.customers[customer].transfers {
		if t.id == id {
			t.order.To, t.order.Amount = to, amount
		}
	}
}
