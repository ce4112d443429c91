package onetouch

import (
	"context"
	"hash/fnv"
	"time"
)

// PhoneInfo is what is known of a phone number. Nobody is asked: the answer is made up from the number itself, so that it
// is the same each time.
type PhoneInfo struct {
	Phone    PhoneNumber
	Line     Line
	Provider string
	Ported   bool
	AsOf     time.Time
}

// PhoneInfo tells what is known of a number, which is as the backend wrote it.
func (s *Service) PhoneInfo(_ context.Context, app Application, countryCode, number string) (PhoneInfo, error) {
	phone, err := s.verifiablePhone(app, countryCode, number)
	if err != nil {
		return PhoneInfo{}, err
	}
	return s.phoneInfo(app, phone), nil
}

func (s *Service) phoneInfo(app Application, phone PhoneNumber) PhoneInfo {
	info := PhoneInfo{Phone: phone, AsOf: s.clock.Now()}
	if app.Sandbox { // Source: authy-python and authy-rs
		info.Line, info.Provider = LineLandline, sandboxCarrier
		return info
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(phone.String())) // a hash takes everything
	dice := hash.Sum32()
	if info.Line, _ = s.numbering.Line(phone); info.Line == LineUnknown {
		info.Line = guessedLine(dice % 10)
	}
	providers := providersOf(info.Line, phone.CountryCode)
	info.Provider = providers[dice/10%uint32(len(providers))]
	info.Ported = info.Line == LineCellphone && dice/1000%5 == 0
	return info
}

// guessedLine makes seven of ten numbers those of mobiles.
func guessedLine(dice uint32) Line {
	switch {
	case dice < 7:
		return LineCellphone
	case dice < 9:
		return LineLandline
	default:
		return LineVoIP
	}
}

// providersOf are companies that could be behind a number. Source of "Pinger" and "Google Voice": recordings.
func providersOf(line Line, countryCode int) []string {
	if line == LineVoIP {
		return []string{"Pinger", "Google Voice", "Skype", "Vonage", "Twilio"}
	}
	if line == LineLandline {
		if names, ok := landlineProviders()[countryCode]; ok {
			return names
		}
		return []string{"National Telecom", "City Telephone"}
	}
	if names, ok := mobileProviders()[countryCode]; ok {
		return names
	}
	return []string{"National Mobile", "Mobile One", "Unitel"}
}

func mobileProviders() map[int][]string {
	return map[int][]string{
		1:  {"AT&T Wireless", "T-Mobile USA", "Verizon Wireless", "Rogers Wireless"},
		31: {"KPN", "Odido", "VodafoneZiggo"},
		33: {"Orange", "SFR", "Bouygues Telecom", "Free Mobile"},
		34: {"Movistar", "Orange España", "Vodafone España"},
		39: {"TIM", "Vodafone Italia", "WindTre"},
		44: {"EE", "O2", "Three", "Vodafone"},
		49: {"Telekom", "Vodafone", "Telefónica Germany"},
		52: {"Telcel", "Movistar México", "AT&T México"},
		54: {"Claro", "Movistar", "Personal"},
		55: {"Vivo", "Claro", "TIM Brasil"},
		57: {"Claro", "Movistar", "Tigo"},
		61: {"Telstra", "Optus", "Vodafone Australia"},
		81: {"NTT docomo", "au", "SoftBank"},
		91: {"Airtel", "Jio", "Vi"},
	}
}

func landlineProviders() map[int][]string {
	return map[int][]string{
		1:  {"AT&T", "Verizon", "CenturyLink", "Bell Canada"},
		33: {"Orange", "SFR"},
		34: {"Telefónica de España"},
		39: {"TIM", "Fastweb"},
		44: {"BT", "Virgin Media"},
		49: {"Deutsche Telekom", "Vodafone"},
		57: {"ETB", "UNE"},
		81: {"NTT East", "NTT West"},
	}
}
