package subscriptions

// PassedOver returns the patterns of the scan that stand in a folded text that they pass
// over, because it holds no piece of what each match is said to hold.
func PassedOver(folded string) (exps []string) {
	for _, p := range append(append([]pattern{emailPattern, handlePattern, botPattern}, linkPatterns...), phoneCodes...) {
		if p.in(folded) == nil && p.exp.MatchString(folded) {
			exps = append(exps, p.exp.String())
		}
	}
	return exps
}

// Folded is a text as the scan reads it.
func Folded(text string) string { return fold(text).s }
