package console

// Route is what the tests know of a route.
type Route struct {
	Path                 string
	Get, Post, Open, Two bool
}

// Routes lists everything that the console answers.
func (c *Console) Routes() []Route {
	var out []Route
	for _, r := range c.routes() {
		x := Route{Path: r.path, Get: r.show != nil, Post: r.do != nil, Open: r.need == open, Two: r.two != nil}
		for _, m := range r.methods {
			x.Get, x.Post = x.Get || m == "GET", x.Post || m == "POST"
		}
		out = append(out, x)
	}
	return out
}

// SafePath, Local and ListOf are decisions without a server.
var (
	SafePath = safePath
	Local    = local
	ListOf   = listOf
)

// Diff marks what changed, as "=line", "+line" and "-line".
func Diff(before, after []string) []string {
	var out []string
	for _, l := range diff(before, after) {
		out = append(out, map[string]string{"": "=", "new": "+", "gone": "-"}[l.Mark]+l.Text)
	}
	return out
}
