package onetouch

import "fmt"

// CallbackForm says which of the forms on record the callbacks of an application have. Empty fields stand for the newest, or
// for what satisfies most receivers.
type CallbackForm struct {
	// CallbackGeneration is the year since which payloads have their form: see [CallbackGenerations].
	CallbackGeneration string `json:"callback_generation"`
	// CallbackDeviceUUID is the type of device_uuid: "string" (or empty), or "number", as in the recordings of 2017 on.
	CallbackDeviceUUID string `json:"callback_device_uuid"`
	// CallbackOrder is by what parameters are sorted before they are signed: their names as they are "escaped" (or empty), or
	// as they are "decoded", which authy-java does alone.
	CallbackOrder string `json:"callback_order"`
}

// CallbackFormSettings change it. Empty fields leave what is stored.
type CallbackFormSettings struct {
	CallbackGeneration string `json:"callback_generation,omitempty"`
	CallbackDeviceUUID string `json:"callback_device_uuid,omitempty"`
	CallbackOrder      string `json:"callback_order,omitempty"`
}

// The forms. Source: recorded callbacks, and the verifiers of the published clients.
const (
	Callback2015     = "2015"
	Callback2017     = "2017"
	Callback2019     = "2019"
	DeviceUUIDString = "string"
	DeviceUUIDNumber = "number"
	OrderEscaped     = "escaped"
	OrderDecoded     = "decoded"
)

// CallbackGenerations lists the generations of payloads, oldest first.
func CallbackGenerations() []string { return []string{Callback2015, Callback2017, Callback2019} }

func (f *CallbackForm) apply(s CallbackFormSettings) {
	setNonZero(&f.CallbackGeneration, s.CallbackGeneration)
	setNonZero(&f.CallbackDeviceUUID, s.CallbackDeviceUUID)
	setNonZero(&f.CallbackOrder, s.CallbackOrder)
}

func (f CallbackForm) validate() error {
	for _, choice := range []struct{ name, value, first, second, third string }{
		{"callback_generation", f.CallbackGeneration, Callback2019, Callback2017, Callback2015},
		{"callback_device_uuid", f.CallbackDeviceUUID, DeviceUUIDString, DeviceUUIDNumber, ""},
		{"callback_order", f.CallbackOrder, OrderEscaped, OrderDecoded, ""},
	} {
		switch choice.value {
		case "", choice.first, choice.second, choice.third:
		default:
			words := choice.first + " or " + choice.second
			if choice.third != "" {
				words = fmt.Sprintf("%s, %s or %s", choice.third, choice.second, choice.first)
			}
			return InvalidParameter(choice.name, "must be "+words)
		}
	}
	return nil
}
