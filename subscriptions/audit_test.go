package subscriptions_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	. "arifa/subscriptions"
)

// chain is a record of five lines with something in every field.
func sealed() []AuditLine {
	var out []AuditLine
	prev := AuditLine{}
	for k := range 5 {
		prev = AuditLine{At: time.Date(2025, 1, 3, 3, k, 0, 0, time.UTC), Officer: OfficerID(k + 1), Agency: "kra", Action: "notice.publish", Subject: "notice 2025-0103-1",
			Outcome: "done", Rule: "4", Detail: fmt.Sprint("line ", k), Via: "cli"}.Seal(prev)
		out = append(out, prev)
	}
	return out
}

func verify(all []AuditLine) error {
	prev := AuditLine{}
	for _, l := range all {
		if err := VerifyAudit(prev, l); err != nil {
			return err
		}
		prev = l
	}
	return nil
}

// A line is neither changed, in any field, nor dropped, put in or moved unseen.
func TestAuditTellsWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	if err := verify(sealed()); err != nil {
		t.Fatalf("a whole record: %v", err)
	}
	for k := range reflect.TypeFor[AuditLine]().NumField() {
		all := sealed()
		field := reflect.ValueOf(&all[2]).Elem().Field(k)
		switch x := field.Interface().(type) {
		case time.Time:
			field.Set(reflect.ValueOf(x.Add(time.Millisecond)))
		default:
			if field.CanInt() {
				field.SetInt(field.Int() + 1)
			} else {
				field.SetString(field.String() + "x")
			}
		}
		if err := verify(all); err == nil {
			t.Errorf("a changed %s is not seen", reflect.TypeFor[AuditLine]().Field(k).Name)
		}
	}
	for name, spoil := range map[string]func([]AuditLine) []AuditLine{
		"a dropped line": func(a []AuditLine) []AuditLine { return slices.Delete(a, 2, 3) },
		"the first one":  func(a []AuditLine) []AuditLine { return a[1:] },
		"two exchanged":  func(a []AuditLine) []AuditLine { a[2], a[3] = a[3], a[2]; return a },
		"one twice":      func(a []AuditLine) []AuditLine { return slices.Insert(a, 2, a[2]) },
		"one sealed anew": func(a []AuditLine) []AuditLine {
			a[2].Detail = "another deed"
			a[2] = a[2].Seal(a[1])
			return a
		},
		"one in between": func(a []AuditLine) []AuditLine {
			return slices.Insert(a, 2, AuditLine{Action: "notice.stop"}.Seal(a[1]))
		},
	} {
		if err := verify(spoil(sealed())); err == nil {
			t.Errorf("%s is not seen", name)
		}
	}
}
