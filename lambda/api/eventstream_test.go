package api

import (
	"encoding/hex"
	"testing"
)

// TestFrames has frames that AWS's clients were seen to read.
func TestFrames(t *testing.T) {
	for _, tc := range []struct {
		got  []byte
		want string
	}{
		{payloadChunk([]byte(`{"hello":"world"}`)), "0000007b0000005a609eb65d0d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d7b2268656c6c6f223a22776f726c64227dcb28f4bf"},
		{invokeComplete([]byte(`{}`)), "00000066000000541f56c8690d3a6d6573736167652d747970650700056576656e740b3a6576656e742d7479706507000e496e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b7dface259a"},
	} {
		if got := hex.EncodeToString(tc.got); got != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
}
