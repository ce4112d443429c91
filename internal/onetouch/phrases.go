package onetouch

import (
	"fmt"
	"slices"
	"strings"
)

// phrases are what a user reads or hears in one language. %[1]s is the name of the application, %[2]s the code and %[3]s what
// it is for.
type phrases struct {
	token, tokenFor, verification string
}

// languages holds those that are done well. English is for all others.
func languages() map[string]phrases {
	return map[string]phrases{
		"en": {
			token: "Your %[1]s token is: %[2]s", tokenFor: "Your %[1]s token to %[3]s is: %[2]s",
			verification: "Your %[1]s verification code is: %[2]s",
		},
		"es": {
			token: "Tu token de %[1]s es: %[2]s", tokenFor: "Tu token de %[1]s para %[3]s es: %[2]s",
			verification: "Tu código de verificación de %[1]s es: %[2]s",
		},
		"fr": {
			token: "Votre jeton %[1]s est : %[2]s", tokenFor: "Votre jeton %[1]s pour %[3]s est : %[2]s",
			verification: "Votre code de vérification %[1]s est : %[2]s",
		},
		"de": {
			token: "Ihr Token für %[1]s lautet: %[2]s", tokenFor: "Ihr Token für %[1]s (%[3]s) lautet: %[2]s",
			verification: "Ihr Bestätigungscode für %[1]s lautet: %[2]s",
		},
		"pt": {
			token: "Seu token de %[1]s é: %[2]s", tokenFor: "Seu token de %[1]s para %[3]s é: %[2]s",
			verification: "Seu código de verificação de %[1]s é: %[2]s",
		},
		"it": {
			token: "Il tuo token %[1]s è: %[2]s", tokenFor: "Il tuo token %[1]s per %[3]s è: %[2]s",
			verification: "Il tuo codice di verifica %[1]s è: %[2]s",
		},
		"nl": {
			token: "Je %[1]s-token is: %[2]s", tokenFor: "Je %[1]s-token voor %[3]s is: %[2]s",
			verification: "Je verificatiecode voor %[1]s is: %[2]s",
		},
		"ja": {
			token: "%[1]s のトークンは %[2]s です", tokenFor: "%[1]s のトークン（%[3]s）は %[2]s です",
			verification: "%[1]s の認証コードは %[2]s です",
		},
	}
}

// Languages are the tags of those that messages are written in, the default first.
func Languages() []string { return []string{"en", "es", "fr", "de", "pt", "it", "nl", "ja"} }

// Language is the one of [Languages] that serves a locale: pt for pt-BR, and en for what is not spoken here.
func Language(locale string) string {
	language, _, _ := strings.Cut(normaliseLocale(locale), "-")
	if slices.Contains(Languages(), language) {
		return language
	}
	return Languages()[0]
}

func phrasesOf(locale string) phrases { return languages()[Language(locale)] }

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

// installText goes to users who were just added; the call has no locale.
func installText(app string) string {
	return app + " asks you to install the Authy app: https://www.authy.com/install"
}

// spoken is a code as a call reads it out.
func spoken(code string) string { return strings.Join(strings.Split(code, ""), " ") }
