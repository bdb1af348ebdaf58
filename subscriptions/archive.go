package subscriptions

import "context"

// Archive is what pages and feeds read of everything that was said. It only reads.
type Archive interface {
	// Generation returns the generation of View without the view: another value
	// means that somebody committed something.
	Generation(ctx context.Context) (int64, error)
	// Headlines lists at most limit notices that were published, stopped and
	// withdrawn ones included, the last published first, without their words.
	Headlines(ctx context.Context, limit int) ([]Headline, error)
	// NoticesOf reads notices by id, in the order of the ids; unknown ones are left
	// out.
	NoticesOf(ctx context.Context, ids []NoticeID) ([]Notice, error)
}

// Headline is a notice without its words: enough to know whether one that was
// read before is still the same.
type Headline struct {
	ID        NoticeID
	Incident  IncidentID
	Revision  int64
	Overtaken NoticeID // changes without a new revision
}
