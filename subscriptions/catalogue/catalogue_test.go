package catalogue_test

import (
	"slices"
	"testing"

	"arifa/subscriptions/catalogue"
)

func TestKenya(t *testing.T) {
	t.Parallel()
	n, err := catalogue.Kenya()
	if err != nil {
		t.Fatalf("the embedded catalogue has faults:\n%v", err)
	}
	if len(n.Services) != 125 || len(n.Agencies) != 40 || len(n.Platforms) != 19 {
		t.Errorf("got %d services, %d agencies, %d platforms, want 125, 40, 19", len(n.Services), len(n.Agencies), len(n.Platforms))
	}
	if c, ok := n.County("30"); len(n.Counties) != 47 || !ok || c.Name != "Nairobi City" {
		t.Errorf("got %d counties, 30 is %+v", len(n.Counties), c)
	}
	if len(n.Registry) != 33 || len(n.Alternatives) != 27 || len(n.Sources) == 0 || len(n.OfficialHosts) != 7 {
		t.Errorf("got %d registry entries, %d alternatives, %d sources, %d hosts", len(n.Registry), len(n.Alternatives), len(n.Sources), len(n.OfficialHosts))
	}
	if n.Country != "KE" || n.Currency != "KES" || n.DefaultLanguage != "en" || n.Location().String() != "Africa/Nairobi" {
		t.Errorf("head of the file: got %s %s %s %s", n.Country, n.Currency, n.DefaultLanguage, n.Location())
	}
	tax, _ := n.Service("kra-pay-tax")
	if tax.Agency != "kra" || tax.Name["sw"] != "Kulipa ushuru" || len(tax.DependsOn) != 3 || tax.Impact["mpesa"] != "degraded" || tax.HighHarm {
		t.Errorf("kra-pay-tax: got %+v", tax)
	}
	tokens, _ := n.Service("kplc-tokens")
	if !tokens.HighHarm || slices.Contains(tokens.DependsOn, "ecitizen-payments") {
		t.Errorf("kplc-tokens: got %+v", tokens)
	}
	e, _ := n.Entry("dest-222222")
	if !e.Destination || e.Value != "222222" || !e.Publishable || !e.Verify || e.Agency != "ecitizen" {
		t.Errorf("dest-222222: got %+v", e)
	}
	line, _ := n.Entry("contact-huduma-line")
	if line.Destination || line.Type != "hotline" || line.Purpose == "" {
		t.Errorf("contact-huduma-line: got %+v", line)
	}
}

func TestKenyaYAMLIsACopy(t *testing.T) {
	t.Parallel()
	catalogue.KenyaYAML()[0] = 0
	if _, err := catalogue.Kenya(); err != nil {
		t.Errorf("whoever changed the copy changed the original: %v", err)
	}
}
