package postgres

// Translate is the one place where foreign errors become the domain's.
var Translate = translate
