// Package emulatortest starts a Postern inside a test and hands out AWS SDK clients
// that talk to it.
//
//	func TestMyAPI(t *testing.T) {
//		p := emulatortest.Start(t)
//		_, err := p.APIGatewayV2().CreateApi(t.Context(), …)
//	}
//
// Every call of Start is an emulator of its own, on a port of its own, with its state
// in memory; the test's end ends it. Several may run at once.
package emulatortest
