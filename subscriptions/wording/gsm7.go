package wording

import "strings"

// The default alphabet and the extension table of GSM 7 bit, 3GPP TS 23.038. A
// character of the extension takes two places.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// GSM7 counts the places of 7 bits that text takes in an SMS; ok is false where a
// character is in neither table, and the whole text goes as UCS-2.
func GSM7(text string) (septets int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			septets++
		case strings.ContainsRune(gsmExtended, r):
			septets += 2
		default:
			return 0, false
		}
	}
	return septets, true
}

// plainSigns are what stands for signs that would make an SMS more than twice as
// long.
var plainSigns = strings.NewReplacer("–", "-", "—", "-", "‘", "'", "’", "'", "“", `"`, "”", `"`,
	"…", "...", "\u00a0", " ", "•", "-", "`", "'", "´", "'", "×", "x", "á", "a", "í", "i", "ó", "o", "ú", "u", "ê", "e", "ç", "c")

// sms writes text in the GSM alphabet; what has no place in it becomes "?".
func sms(text string) string {
	var b strings.Builder
	for _, r := range plainSigns.Replace(text) {
		if _, ok := GSM7(string(r)); ok {
			b.WriteRune(r)
		} else {
			b.WriteByte('?')
		}
	}
	return b.String()
}
