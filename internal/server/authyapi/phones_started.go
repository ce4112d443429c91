package authyapi

import (
	"fmt"

	"github.com/onetouchkit/onetouch/internal/onetouch"
)

// startedTexts say that a phone verification was started, by language. %s is the phone number.
// Source of the English and Spanish texts: recordings.
func startedTexts() map[string]struct{ sms, call string } {
	return map[string]struct{ sms, call string }{
		"en": {"Text message sent to %s.", "Call to %s initiated."},
		"es": {"Mensaje de texto enviado a %s.", "Llamada a %s fue iniciada."},
		"fr": {"SMS envoyé au %s.", "Appel vers le %s lancé."},
		"de": {"SMS an %s gesendet.", "Anruf an %s gestartet."},
		"pt": {"Mensagem de texto enviada para %s.", "Chamada para %s iniciada."},
		"it": {"SMS inviato a %s.", "Chiamata a %s avviata."},
		"nl": {"Sms verzonden naar %s.", "Oproep naar %s gestart."},
		"ja": {"%s に SMS を送信しました。", "%s への通話を開始しました。"},
	}
}

// startedText answers in the language of the locale. The number is as the backend wrote it.
func startedText(v onetouch.PhoneVerification, number string) string {
	texts := startedTexts()[onetouch.Language(v.Locale)]
	text := texts.sms
	if v.Via == onetouch.ChannelCall {
		text = texts.call
	}
	return fmt.Sprintf(text, v.Phone.AsWritten(number))
}
