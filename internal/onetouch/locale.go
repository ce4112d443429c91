package onetouch

import (
	"slices"
	"strings"
)

// verificationLocales are the tags that phone verification took, in the spelling of BCP 47; any other case is as good.
// Source: vendor documentation of the call, 35 tags.
func verificationLocales() []string {
	return []string{
		"af", "ar", "ca", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "ko",
		"ms", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sv", "th", "tl", "tr", "vi", "zh", "zh-CN", "zh-HK",
	}
}

func normaliseLocale(tag string) string { return strings.ReplaceAll(strings.ToLower(tag), "_", "-") }

func isVerificationLocale(tag string) bool {
	return slices.ContainsFunc(verificationLocales(), func(known string) bool {
		return normaliseLocale(known) == normaliseLocale(tag)
	})
}
