package rehearse

var (
	PaceOf = paceOf
	Plot   = plot
)
