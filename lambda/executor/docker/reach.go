package docker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	goruntime "runtime"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/postern/postern/internal/lazyregexp"
)

// reach is how containers reach this process.
type reach struct {
	listen     string       // address that listeners are bound to
	advertise  string       // the same as containers call it; never an IPv6 literal, which Node's runtime client cannot parse
	network    string       // network that containers join
	extraHosts []string     // names that containers need for advertise
	peers      netip.Prefix // addresses that containers have, if known
	self       *self        // nil outside containers
}

// self is the container that this process runs in.
type self struct {
	id     string
	mounts []container.MountPoint
}

const desktopName = "host.docker.internal"

// errUnreachable asks for the one thing that cannot be found out.
var errUnreachable = errors.New("the engine does not run on this machine, so its containers need to be told where this Postern is: set the callback host")

// findReach chooses from where this process runs and where the engine does. It asks the engine as little as it can: every start of
// Postern waits for it.
func (e *Executor) findReach(ctx context.Context) (reach, error) {
	r := reach{network: e.config.Network}
	if host := e.config.CallbackHost; host != "" {
		return r.callback(host), nil
	}
	if me, networks := e.findSelf(ctx); me != nil {
		r.self = me
		if name, endpoint := chooseNetwork(networks, r.network); name != "" {
			r.network, r.listen, r.advertise = name, endpoint.IPAddress, endpoint.IPAddress
			// An address that the engine itself makes up has no form but this.
			r.peers, _ = netip.ParsePrefix(fmt.Sprintf("%s/%d", endpoint.IPAddress, endpoint.IPPrefixLen))
			return r, nil
		}
	}
	gateway, subnet, err := e.gateway(ctx, r.network)
	if err != nil {
		return reach{}, err
	}
	if isOurs(gateway) {
		r.listen, r.advertise, r.peers = gateway, gateway, subnet
		return r, nil
	}
	// The engine runs on another machine: a virtual one of this one's, or a real one.
	if desktop, err := e.isDesktop(ctx); err != nil {
		return reach{}, err
	} else if !desktop {
		return reach{}, errUnreachable
	}
	r.listen, r.advertise = "127.0.0.1", desktopName
	r.extraHosts = []string{desktopName + ":host-gateway"}
	return r, nil
}

// isDesktop reports that the engine runs in a virtual machine that leads host.docker.internal to this machine's own loopback, as
// Docker Desktop and its like do: all engines with a local socket that are not on Linux, and on Linux that one product.
func (e *Executor) isDesktop(ctx context.Context) (bool, error) {
	scheme, _, _ := strings.Cut(e.engine.DaemonHost(), "://")
	if scheme != "unix" && scheme != "npipe" {
		return false, nil
	}
	if goruntime.GOOS != "linux" {
		return true, nil
	}
	info, err := e.engine.Info(ctx)
	if err != nil {
		return false, e.engineError("ask the engine what it is", err)
	}
	return info.OperatingSystem == "Docker Desktop", nil
}

// callback listens on the address that the user named, or on all when the name is one that only others know.
func (r reach) callback(host string) reach {
	r.listen, r.advertise = "0.0.0.0", host
	if isOurs(host) {
		r.listen = host
	}
	return r
}

// gateway is the address that the engine's machine has on a network, with the network's subnet.
func (e *Executor) gateway(ctx context.Context, name string) (string, netip.Prefix, error) {
	if name == "" {
		name = network.NetworkBridge
	}
	found, err := e.engine.NetworkInspect(ctx, name, network.InspectOptions{})
	if err != nil {
		return "", netip.Prefix{}, e.engineError("inspect network "+name, err)
	}
	for _, config := range found.IPAM.Config {
		subnet, err := netip.ParsePrefix(config.Subnet)
		if err != nil || !subnet.Addr().Is4() {
			continue
		}
		// Some engines leave the gateway out when it is the first address.
		return cmp.Or(config.Gateway, subnet.Masked().Addr().Next().String()), subnet, nil
	}
	return "", netip.Prefix{}, fmt.Errorf("network %s has no IPv4 subnet", name)
}

// isOurs reports whether this machine has the address.
func isOurs(address string) bool {
	want, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, a := range addresses {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr().Unmap() == want {
			return true
		}
	}
	return false
}

// ownHostname finds a container's id in its own mount table: the engine mounts /etc/hostname from the container's directory.
var ownHostname = lazyregexp.New(`containers/([0-9a-f]{64})/\S*hostname /etc/hostname `)

// findSelf asks the engine about the container that this process runs in. That /.dockerenv exists is no proof: images of
// whole machines have it too. The container may also be another engine's.
func (e *Executor) findSelf(ctx context.Context) (*self, map[string]*network.EndpointSettings) {
	var ids []string
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err == nil {
		if id := ownHostname().FindSubmatch(mounts); id != nil {
			ids = append(ids, string(id[1]))
		}
	}
	if name, err := os.Hostname(); err == nil && inContainer() {
		ids = append(ids, name)
	}
	for _, id := range ids {
		if found, err := e.engine.ContainerInspect(ctx, id); err == nil && found.State.Running {
			return &self{id: found.ID, mounts: found.Mounts}, found.NetworkSettings.Networks
		}
	}
	return nil, nil
}

func inContainer() bool {
	for _, file := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}

// chooseNetwork picks a network of this process's own container, since traffic between two networks is dropped: the wanted
// one, else one that users made, else the default bridge. On the host's network there is none.
func chooseNetwork(networks map[string]*network.EndpointSettings, want string) (name string, chosen *network.EndpointSettings) {
	for candidate, endpoint := range networks {
		switch {
		case endpoint.IPAddress == "", want != "" && candidate != want:
			continue
		case name == "", name == network.NetworkBridge, candidate != network.NetworkBridge && candidate < name:
			name, chosen = candidate, endpoint
		}
	}
	return name, chosen
}

// hostPath is what the engine's machine calls a directory that this process sees.
func (r reach) hostPath(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if r.self == nil {
		return dir, nil
	}
	best := container.MountPoint{}
	for _, m := range r.self.mounts {
		if (dir == m.Destination || strings.HasPrefix(dir, strings.TrimSuffix(m.Destination, "/")+"/")) && len(m.Destination) > len(best.Destination) {
			best = m
		}
	}
	if best.Source == "" {
		return "", fmt.Errorf("%s exists only in Postern's own container: mount it there from the machine that runs the engine", dir)
	}
	return path.Join(best.Source, strings.TrimPrefix(dir, best.Destination)), nil
}
