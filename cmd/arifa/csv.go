package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
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

// splitCSV splits one line, where no field spans lines: so that a quote too many
// spoils its own line and no other.
func splitCSV(line string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(line))
	r.FieldsPerRecord = -1
	fields, err := r.Read()
	var bad *csv.ParseError
	switch {
	case errors.As(err, &bad):
		return nil, fmt.Errorf("%w: close every quote, and write two for one inside", bad.Err)
	case errors.Is(err, io.EOF):
		return nil, errors.New("the line is empty")
	}
	return fields, err
}
