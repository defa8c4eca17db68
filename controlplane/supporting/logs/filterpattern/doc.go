// Package filterpattern is the filter pattern language of CloudWatch Logs. A pattern
// has one of three forms, told apart by its first character:
//
//	ERROR "not found" -debug ?a ?b %5\d\d%     terms of a message
//	{ $.level = "ERROR" && $.took > 3.5 }      a message that is JSON
//	[ip, user, ..., status = 4*, bytes > 100]  a message of fields between spaces
//
// Everything is case-sensitive. The empty pattern matches every message.
//
// AWS: CloudWatch Logs user guide, "Filter pattern syntax". What it leaves open is
// marked where it is decided.
package filterpattern
