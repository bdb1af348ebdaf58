package catalogue

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// MaxBytes is the largest catalogue file that is read: 1 MiB. The Kenyan one has
// an eighth of that.
const MaxBytes = 1 << 20

// document returns the root of the one YAML document in data, or the faults for
// which nothing else in it can be judged.
func document(data []byte) (*yaml.Node, Faults) {
	if len(data) > MaxBytes {
		return nil, Faults{{1, "", fmt.Sprintf("the file has %d bytes: a catalogue has at most %d; take out what is not one", len(data), MaxBytes)}}
	}
	if at := bytes.IndexByte(data, 0); at >= 0 {
		return nil, Faults{{lineOf(data, at), "", "a NUL byte: save the file as plain UTF-8 text"}}
	}
	if at := invalidUTF8(data); at >= 0 {
		return nil, Faults{{lineOf(data, at), "", "a byte that is not UTF-8: save the file as UTF-8"}}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	root, err := decode(decoder)
	if errors.Is(err, io.EOF) || err == nil && empty(root) {
		return nil, Faults{{1, "", "the file is empty: start from the embedded catalogue"}}
	}
	if err != nil {
		return nil, Faults{syntaxFault(err)}
	}
	second, err := decode(decoder)
	if err == nil {
		return nil, Faults{{max(second.Line, 1), "", "a second document begins after ---: put everything into one"}}
	}
	if !errors.Is(err, io.EOF) {
		return nil, Faults{syntaxFault(err)}
	}
	return root.Content[0], nil
}

// decode reads one document. The YAML reader is code of others that parses
// foreign text: should it panic, that is a fault of the file and not our end.
func decode(d *yaml.Decoder) (node *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: cannot be read: %v", p)
		}
	}()
	node = new(yaml.Node)
	if err := d.Decode(node); err != nil {
		return nil, err
	}
	return node, nil
}

func empty(root *yaml.Node) bool {
	return len(root.Content) == 0 || root.Content[0].Kind == yaml.ScalarNode && root.Content[0].Tag == "!!null"
}

var errorLine = regexp.MustCompile(`line (\d+): `)

func syntaxFault(err error) Fault {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if m := errorLine.FindStringSubmatch(text); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			line = n
		}
		text = strings.Replace(text, m[0], "", 1)
	}
	return Fault{line, "", "this is not YAML (" + text + "): mend it here or above; the rest was not read"}
}

func invalidUTF8(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

func lineOf(data []byte, at int) int { return 1 + bytes.Count(data[:at], []byte("\n")) }
