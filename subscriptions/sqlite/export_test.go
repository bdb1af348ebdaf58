package sqlite

// Translate is open to the tests of errors that no method can be made to meet.
var Translate = translate
