package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// longestLine is more than anybody's line needs.
const longestLine = 64 << 10

// errLine is a line that cannot be a row, whatever its columns; the next one may be.
var errLine = errors.New("this line cannot be read")

// badText is an errLine that says why.
type badText string

func (b badText) Error() string { return string(b) }

func (b badText) Unwrap() error { return errLine }

// lineOf reads the next line, however long it is, and returns how many bytes it took.
// The error is an errLine, one of reading, or io.EOF when there is no line any more.
func lineOf(r *bufio.Reader) (text string, length int, err error) {
	line, err := r.ReadSlice('\n')
	length = len(line)
	if errors.Is(err, bufio.ErrBufferFull) {
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = r.ReadSlice('\n')
			length += len(line)
		}
		if err == nil || errors.Is(err, io.EOF) {
			err = badText("longer than 64 KiB")
		}
		return "", length, err
	}
	if err != nil && (!errors.Is(err, io.EOF) || length == 0) {
		return "", length, err
	}
	text = strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r")
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return "", length, badText("not UTF-8: save the file as CSV in UTF-8")
	}
	return text, length, nil
}

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
