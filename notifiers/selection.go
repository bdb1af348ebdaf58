package notifiers

import (
	"arifa/subscriptions"
	"arifa/subscriptions/wording"
)

// selection is what one recipient reads of a sheet, in one language.
func selection(row *subscriptions.Delivery, l subscriptions.Language, account string) wording.Selection {
	sel := wording.Selection{
		Language: l, Services: row.Services, Asked: row.Asked,
		Post: row.Kind != subscriptions.Person,
	}
	if row.Kind == subscriptions.Group && account != "" {
		sel.Account = "@" + account
	}
	if len(sel.Services) == 0 {
		sel.Services = nil // of a post: all of them
	}
	return sel
}
