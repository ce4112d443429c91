package onetouch

import (
	"fmt"
	"strings"
)

// phrases are what a user reads or hears, and what the answers about phones say, in one language. %[1]s is the name of the
// application or the phone number, %[2]s the code.
type phrases struct {
	token, tokenFor, verification, textSent, callStarted string
}

// languages holds those that are done well. English is for all others.
// Source of the English and Spanish answers: recordings.
func languages() map[string]phrases {
	return map[string]phrases{
		"en": {
			token: "Your %[1]s token is: %[2]s", tokenFor: "Your %[1]s token to %[3]s is: %[2]s",
			verification: "Your %[1]s verification code is: %[2]s",
			textSent:     "Text message sent to %[1]s.", callStarted: "Call to %[1]s initiated.",
		},
		"es": {
			token: "Tu token de %[1]s es: %[2]s", tokenFor: "Tu token de %[1]s para %[3]s es: %[2]s",
			verification: "Tu código de verificación de %[1]s es: %[2]s",
			textSent:     "Mensaje de texto enviado a %[1]s.", callStarted: "Llamada a %[1]s fue iniciada.",
		},
		"fr": {
			token: "Votre jeton %[1]s est : %[2]s", tokenFor: "Votre jeton %[1]s pour %[3]s est : %[2]s",
			verification: "Votre code de vérification %[1]s est : %[2]s",
			textSent:     "SMS envoyé au %[1]s.", callStarted: "Appel vers le %[1]s lancé.",
		},
		"de": {
			token: "Ihr Token für %[1]s lautet: %[2]s", tokenFor: "Ihr Token für %[1]s (%[3]s) lautet: %[2]s",
			verification: "Ihr Bestätigungscode für %[1]s lautet: %[2]s",
			textSent:     "SMS an %[1]s gesendet.", callStarted: "Anruf an %[1]s gestartet.",
		},
		"pt": {
			token: "Seu token de %[1]s é: %[2]s", tokenFor: "Seu token de %[1]s para %[3]s é: %[2]s",
			verification: "Seu código de verificação de %[1]s é: %[2]s",
			textSent:     "Mensagem de texto enviada para %[1]s.", callStarted: "Chamada para %[1]s iniciada.",
		},
		"it": {
			token: "Il tuo token %[1]s è: %[2]s", tokenFor: "Il tuo token %[1]s per %[3]s è: %[2]s",
			verification: "Il tuo codice di verifica %[1]s è: %[2]s",
			textSent:     "SMS inviato a %[1]s.", callStarted: "Chiamata a %[1]s avviata.",
		},
		"nl": {
			token: "Je %[1]s-token is: %[2]s", tokenFor: "Je %[1]s-token voor %[3]s is: %[2]s",
			verification: "Je verificatiecode voor %[1]s is: %[2]s",
			textSent:     "Sms verzonden naar %[1]s.", callStarted: "Oproep naar %[1]s gestart.",
		},
		"ja": {
			token: "%[1]s のトークンは %[2]s です", tokenFor: "%[1]s のトークン（%[3]s）は %[2]s です",
			verification: "%[1]s の認証コードは %[2]s です",
			textSent:     "%[1]s に SMS を送信しました。", callStarted: "%[1]s への通話を開始しました。",
		},
	}
}

// phrasesOf are those of a locale: pt-BR is served in Portuguese, what is not spoken here in English.
func phrasesOf(locale string) phrases {
	language, _, _ := strings.Cut(normaliseLocale(locale), "-")
	known := languages()
	if p, ok := known[language]; ok {
		return p
	}
	return known["en"]
}

// tokenText carries a one-time password; for says what it is for and may be empty.
func (p phrases) tokenText(app, code, purpose string) string {
	if purpose == "" {
		return fmt.Sprintf(p.token, app, code)
	}
	return fmt.Sprintf(p.tokenFor, app, code, purpose)
}

func (p phrases) verificationText(app, code string) string {
	return fmt.Sprintf(p.verification, app, code)
}

// startedText is the answer to the start of a phone verification. The number is as the backend wrote it.
func (p phrases) startedText(channel Channel, number string) string {
	if channel == ChannelCall {
		return fmt.Sprintf(p.callStarted, number)
	}
	return fmt.Sprintf(p.textSent, number)
}

// installText goes to users who were just added; the call has no locale.
func installText(app string) string {
	return app + " asks you to install the Authy app: https://www.authy.com/install"
}

// spoken is a code as a call reads it out.
func spoken(code string) string { return strings.Join(strings.Split(code, ""), " ") }
