package statuspage_test

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
)

// schema is an XML schema of the kind that CAP is: sequences of elements with
// bounds, enumerations and patterns. It is read from the standard's own file, and
// applied strictly: order, presence, number and values.
type schema struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []schema   `xml:",any"`
}

func (s schema) attr(name string) string {
	for _, a := range s.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// name of an element; one that refers to another is a value without more rules.
func (s schema) name() string {
	_, ref, ok := strings.Cut(s.attr("ref"), ":")
	if ok {
		return ref
	}
	return s.attr("name")
}

func (s schema) find(path ...string) (schema, bool) {
	if len(path) == 0 {
		return s, true
	}
	for _, c := range s.Children {
		if c.XMLName.Local == path[0] {
			return c.find(path[1:]...)
		}
	}
	return schema{}, false
}

// tree is a document without anything known of it.
type tree struct {
	XMLName  xml.Name
	Text     string `xml:",chardata"`
	Children []tree `xml:",any"`
}

// check returns what is wrong with a document.
func (s schema) check(t tree, path string) (faults []string) {
	path += "/" + s.name()
	if t.XMLName.Local != s.name() {
		return []string{fmt.Sprintf("%s: got <%s>", path, t.XMLName.Local)}
	}
	if sequence, ok := s.find("complexType", "sequence"); ok {
		return append(faults, sequence.sequence(t, path)...)
	}
	if len(t.Children) > 0 {
		faults = append(faults, path+": elements inside a value")
	}
	restriction, _ := s.find("simpleType", "restriction")
	allowed, enumerated := false, false
	for _, c := range restriction.Children {
		switch c.XMLName.Local {
		case "enumeration":
			enumerated, allowed = true, allowed || c.attr("value") == t.Text
		case "pattern":
			if !regexp.MustCompile("^(?:" + c.attr("value") + ")$").MatchString(t.Text) {
				faults = append(faults, fmt.Sprintf("%s: %q does not fit %s", path, t.Text, c.attr("value")))
			}
		default:
			faults = append(faults, path+": the schema says "+c.XMLName.Local+", which this check does not know")
		}
	}
	if enumerated && !allowed {
		faults = append(faults, fmt.Sprintf("%s: %q is no value of the schema", path, t.Text))
	}
	return faults
}

func (s schema) sequence(t tree, path string) (faults []string) {
	at := 0
	for _, want := range s.Children {
		if want.XMLName.Local == "any" {
			continue
		}
		least, most, n := want.attr("minOccurs") != "0", want.attr("maxOccurs") == "unbounded", 0
		name := want.name()
		for at < len(t.Children) && t.Children[at].XMLName.Local == name && (n == 0 || most) {
			faults = append(faults, want.check(t.Children[at], path)...)
			at, n = at+1, n+1
		}
		if n == 0 && least {
			faults = append(faults, fmt.Sprintf("%s: <%s> is missing, or not in its place", path, name))
		}
	}
	for ; at < len(t.Children); at++ {
		faults = append(faults, fmt.Sprintf("%s: <%s> stands where the schema has none", path, t.Children[at].XMLName.Local))
	}
	if strings.TrimSpace(t.Text) != "" {
		faults = append(faults, path+": text between elements")
	}
	return faults
}
