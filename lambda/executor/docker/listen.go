package docker

import (
	"fmt"
	"net"
	"net/netip"
)

// newListener opens a port for containers, and for nobody else where it is known what addresses they have.
func (r reach) newListener() (net.Listener, error) {
	listener, err := net.Listen("tcp4", net.JoinHostPort(r.listen, "0"))
	if err != nil {
		return nil, fmt.Errorf("listen for containers: %w", err)
	}
	if !r.peers.IsValid() {
		return listener, nil
	}
	return peersOnly{listener, r.peers}, nil
}

// address is what containers call a listener.
func (r reach) address(listener net.Listener) string {
	_, port, _ := net.SplitHostPort(listener.Addr().String()) // a TCP address always has one
	return net.JoinHostPort(r.advertise, port)
}

// peersOnly hangs up on connections from elsewhere: Linux takes packets for a bridge's address from any of its interfaces.
type peersOnly struct {
	net.Listener
	peers netip.Prefix
}

func (l peersOnly) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if peer, err := netip.ParseAddrPort(conn.RemoteAddr().String()); err == nil && l.peers.Contains(peer.Addr().Unmap()) {
			return conn, nil
		}
		conn.Close()
	}
}
