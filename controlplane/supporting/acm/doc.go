// Package acm serves AWS Certificate Manager: certificates that are requested or
// imported, and their tags.
//
// A requested certificate is a real one. It is issued at once by the emulator's own
// authority, whom Config.Issue stands for: nobody's ownership of a domain is asked
// about, though what AWS would ask for (DNS records, addresses of email) is shown.
// Validity goes by the time of the machine, as it does for the clients that verify;
// everything else goes by Config.Now. Restore renews what would expire soon.
//
// Custom domain names are what uses certificates. They know them by ARN: Find tells
// what an ARN leads to, TLSCertificate gives it as it is shown to clients, and
// Config.InUseBy names the users of one, which is not deleted before they are.
package acm
