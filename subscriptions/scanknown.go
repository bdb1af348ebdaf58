package subscriptions

import "strings"

// judge completes a finding with what the registry knows of its value.
func (s *scan) judge(f Finding) Finding {
	switch f.Reason {
	case ScanMoneyWord, ScanSign:
		return f
	case ScanDigit, ScanNotice:
		f.Digits = Digits(f.Piece)
		return f
	case ScanLink, ScanEmail, ScanHandle:
		return s.judgeHost(f)
	}
	f.Digits = s.readDigits(f.Piece)
	return s.judgeDigits(f, f.Digits)
}

func (s *scan) judgeHost(f Finding) Finding {
	host := plainHost(f.Piece)
	for _, k := range s.known {
		if k.host == "" || k.host != host {
			continue
		}
		if k.platform != "" && f.Entry == "" {
			f.Platform = k.platform
			continue
		}
		return withEntry(f, k)
	}
	return f
}

// judgeDigits compares digits with the registry: the same value, the same phone
// number with or without the country's prefix, or a refused value inside a longer row.
func (s *scan) judgeDigits(f Finding, digits string) Finding {
	if digits == "" {
		return f
	}
	for _, k := range s.known {
		switch {
		case k.digits == "":
		case k.platform != "":
			if f.Entry == "" && f.Platform == "" && k.digits == digits {
				f.Platform = k.platform
			}
		case f.Entry == "" && sameNumber(k.digits, digits):
			f = withEntry(f, k)
		case k.refused() && len(k.digits) > 4 && strings.Contains(digits, k.digits):
			return withEntry(f, k)
		}
	}
	return f
}

// sameNumber reports whether two rows of digits reach the same place: equal, or
// phone numbers of which one is written with 254 and the other with 0.
func sameNumber(a, b string) bool {
	return a == b || len(a) >= 9 && len(b) >= 9 && nationalNumber(a) == nationalNumber(b)
}

func nationalNumber(d string) string {
	d = strings.TrimPrefix(d, "00")
	if rest, ok := strings.CutPrefix(d, "254"); ok && len(rest) >= 9 {
		return rest
	}
	return strings.TrimPrefix(d, "0")
}

func withEntry(f Finding, k knownValue) Finding {
	f.Entry = k.entry.ID
	switch {
	case k.entry.Retired:
		f.Reason = ScanRetired
		f.Advice = k.value + " is retired: no notice may name it; publish without this line"
	case !k.entry.Publishable:
		f.Reason = ScanRetired
		f.Advice = k.value + " is known and not confirmed for citizens; publish without this line, or have two officers confirm it"
	case k.entry.Destination:
		f.Advice = "write {dest:" + string(k.entry.ID) + "} instead: numbers come from the registry"
	default:
		f.Advice = "write {contact:" + string(k.entry.ID) + "} instead: numbers come from the registry"
	}
	return f
}
