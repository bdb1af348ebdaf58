package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// subscriberColumns are what an import takes and an export writes.
var subscriberColumns = []string{"lane", "address", "language", "services", "consent"}

// columns say at which place a name stands.
type columns map[string]int

func columnsOf(header string) (columns, error) {
	names, err := splitCSV(header)
	if err != nil {
		return nil, err
	}
	c := columns{}
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(subscriberColumns, name) {
			return nil, fmt.Errorf("%.40q is no column; write lane,address,language,services,consent", name)
		}
		if _, twice := c[name]; twice {
			return nil, fmt.Errorf("the column %s stands there twice", name)
		}
		c[name] = i
	}
	for _, name := range subscriberColumns {
		if _, ok := c[name]; !ok {
			return nil, fmt.Errorf("the column %s is missing; write lane,address,language,services,consent", name)
		}
	}
	return c, nil
}

// splitCSV splits one line as RFC 4180 says, where no field spans lines: so that a
// quote too many spoils its own line and no other.
func splitCSV(line string) ([]string, error) {
	fields := make([]string, 0, len(subscriberColumns))
	for {
		if !strings.HasPrefix(line, `"`) {
			field, rest, more := strings.Cut(line, ",")
			if strings.Contains(field, `"`) {
				return nil, errors.New("a quote stands inside a field")
			}
			if fields = append(fields, field); !more {
				return fields, nil
			}
			line = rest
			continue
		}
		field, rest, err := quoted(line[1:])
		if err != nil {
			return nil, err
		}
		if fields = append(fields, field); rest == "" {
			return fields, nil
		}
		if rest[0] != ',' {
			return nil, errors.New("something stands behind a quoted field")
		}
		line = rest[1:]
	}
}

// quoted reads up to the closing quote; two quotes are one.
func quoted(s string) (field, rest string, err error) {
	var b strings.Builder
	for {
		before, after, closed := strings.Cut(s, `"`)
		if !closed {
			return "", "", errors.New("a quote is not closed")
		}
		b.WriteString(before)
		if !strings.HasPrefix(after, `"`) {
			return b.String(), after, nil
		}
		b.WriteByte('"')
		s = after[1:]
	}
}
