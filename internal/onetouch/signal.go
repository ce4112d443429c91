package onetouch

import (
	"slices"
	"sync"
)

// Topic names something that can be waited for.
type Topic string

// Topics that are woken after a change is committed.
const (
	TopicEvents     Topic = "events"     // the event log grew
	TopicDeliveries Topic = "deliveries" // a delivery that the worker sends was owed, tried or given up
	TopicDue        Topic = "due"        // such a delivery became due, or its due time changed
	// TopicDueElsewhere is TopicDue for what another process has changed: it is likely to send that itself.
	TopicDueElsewhere Topic = "due_elsewhere"
	TopicExpiry       Topic = "expiry" // a request that can expire was created
	// TopicParticipants says that an application, user or device was changed or removed.
	TopicParticipants Topic = "participants"
	// TopicHistory says that requests were removed which had ended.
	TopicHistory Topic = "history"
)

// TopicDevice is woken when the device is owed a push, or is removed.
func TopicDevice(uuid string) Topic { return Topic("device:" + uuid) }

// Signals wakes those who wait for a change to be committed. A signal carries nothing: whoever is woken reads the store,
// so a lost or doubled signal can do no harm. The zero value is ready to use.
type Signals struct {
	mu      sync.Mutex
	waiting map[Topic]chan struct{}
}

// Changed returns a channel that is closed at the next change of the topic. Take it before reading the store, or a
// change in between is missed.
func (s *Signals) Changed(topic Topic) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == nil {
		s.waiting = map[Topic]chan struct{}{}
	}
	if s.waiting[topic] == nil {
		s.waiting[topic] = make(chan struct{})
	}
	return s.waiting[topic]
}

// Wake tells those who wait for the topics.
func (s *Signals) Wake(topics ...Topic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(topics, TopicParticipants) {
		s.wake(TopicParticipants)
	}
	for _, topic := range topics {
		s.wake(topic)
	}
}

// wake closes the topic's channel. That of the participants has to come first: who is woken by another topic may look at
// them at once, and must not find what was remembered before the change.
func (s *Signals) wake(topic Topic) {
	if changed, ok := s.waiting[topic]; ok {
		close(changed)
		delete(s.waiting, topic)
	}
}

// WakeAll tells everyone: something was changed by somebody else, such as another process on the same database.
func (s *Signals) WakeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake(TopicParticipants)
	for topic := range s.waiting {
		s.wake(topic)
	}
}
