package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	ratelimitv3 "github.com/envoyproxy/go-control-plane/envoy/service/ratelimit/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/genproto/googleapis/rpc/code"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	corev1 "k8s.io/api/core/v1"

	"istio.io/istio/pilot/pkg/model"
)

type clusterMap = map[string]*cluster.Cluster

type gatewayRef struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
}

type request struct {
	ID   string `json:"id"`
	From struct {
		Namespace      string            `json:"namespace,omitempty"`
		ServiceAccount string            `json:"serviceAccount,omitempty"`
		Labels         map[string]string `json:"labels,omitempty"`
		Gateway        *gatewayRef       `json:"gateway,omitempty"`
		Scheme         string            `json:"scheme,omitempty"`
		IP             string            `json:"ip,omitempty"`          // source address of an outside client or of a workload
		Certificate    string            `json:"certificate,omitempty"` // the name in the certificate of an outside client; "none": it has none
		SNI            string            `json:"sni,omitempty"`         // default: the host
	} `json:"from"`
	To struct {
		Host string `json:"host"`
		Port uint32 `json:"port,omitempty"`
		IP   string `json:"ip,omitempty"`
	} `json:"to"`
	Protocol  string            `json:"protocol,omitempty"` // http (default) or tcp
	Method    string            `json:"method,omitempty"`
	Path      string            `json:"path,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
	Plaintext bool              `json:"plaintext,omitempty"` // no sidecar at the caller
	ExtAuthz  string            `json:"extAuthz,omitempty"`  // what a CUSTOM provider answers: allow (default) or deny
	JWT       *jwtSpec          `json:"jwt,omitempty"`
	client    *workload
}

type jwtSpec struct {
	Iss          string         `json:"iss"`
	Sub          string         `json:"sub,omitempty"`
	Aud          []string       `json:"aud,omitempty"`
	Claims       map[string]any `json:"claims,omitempty"`
	Expired      bool           `json:"expired,omitempty"`
	BadSignature bool           `json:"badSignature,omitempty"`
	Header       string         `json:"header,omitempty"` // default authorization
	Prefix       *string        `json:"prefix,omitempty"` // default "Bearer " for authorization, else empty
	Param        string         `json:"param,omitempty"`
	Cookie       string         `json:"cookie,omitempty"`
}

type clusterOut struct {
	Cluster string `json:"cluster"`
	Host    string `json:"host,omitempty"`
	Port    int    `json:"port,omitempty"`
	Subset  string `json:"subset,omitempty"`
	Weight  uint32 `json:"weight"`
	Known   bool   `json:"known"`
}

type routeOut struct {
	Config      string           `json:"routeConfig"`
	VirtualHost string           `json:"virtualHost"`
	Index       int              `json:"index"`
	Name        string           `json:"name,omitempty"`
	Action      string           `json:"action"`
	Match       json.RawMessage  `json:"match,omitempty"`
	Clusters    []clusterOut     `json:"clusters,omitempty"`
	Timeout     string           `json:"timeout,omitempty"`
	Retries     map[string]any   `json:"retries,omitempty"`
	Rewrite     map[string]any   `json:"rewrite,omitempty"`
	Mirror      []map[string]any `json:"mirror,omitempty"`
	Fault       json.RawMessage  `json:"fault,omitempty"`
	Redirect    json.RawMessage  `json:"redirect,omitempty"`
	Direct      json.RawMessage  `json:"directResponse,omitempty"`
	Source      string           `json:"istioConfig,omitempty"`
}

type seen struct {
	Method  string              `json:"method"`
	Path    string              `json:"path"`
	Host    string              `json:"host"`
	Headers map[string][]string `json:"headers,omitempty"`
}

type outcome struct {
	Cluster   string     `json:"cluster,omitempty"`
	Workload  string     `json:"workload,omitempty"`
	Endpoint  string     `json:"endpoint,omitempty"`
	Transport string     `json:"transport,omitempty"` // mtls, tls, plaintext
	Peer      string     `json:"peer,omitempty"`      // identity the server saw
	Verdict   string     `json:"verdict"`
	Status    int        `json:"status,omitempty"`
	By        string     `json:"by,omitempty"` // who answered: app, external, client-proxy, server-proxy
	Policy    string     `json:"policy,omitempty"`
	Details   string     `json:"details,omitempty"`
	Flags     string     `json:"flags,omitempty"`
	Location  string     `json:"location,omitempty"`
	Upstream  *seen      `json:"upstream,omitempty"`
	Hops      []logEntry `json:"hops,omitempty"`
	Via       []hop      `json:"via,omitempty"` // the proxies passed after the client's, when there is a gateway among them
	Raw       string     `json:"error,omitempty"`
	route     *routeInfo
	opaque    bool
}

type hop struct {
	Workload    string `json:"workload"`
	Direction   string `json:"direction"`
	Peer        string `json:"peer,omitempty"`
	VirtualHost string `json:"virtualHost,omitempty"`
	Route       string `json:"route,omitempty"`
	Cluster     string `json:"cluster,omitempty"`
	Status      int    `json:"status,omitempty"`
	Details     string `json:"details,omitempty"`
}

type result struct {
	ID       string     `json:"id"`
	Client   string     `json:"client"`
	Mode     string     `json:"mode"` // sidecar, gateway, none
	Listener string     `json:"listener,omitempty"`
	Route    *routeOut  `json:"route,omitempty"`
	Verdict  string     `json:"verdict"` // the outcomes' verdict, or MIXED
	Outcomes []*outcome `json:"outcomes"`
	Notes    []string   `json:"notes,omitempty"`
}

// --- stubs: application, outside world, ext_authz, relays ---

func (s *server) listen() (net.Listener, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err == nil {
		s.listeners = append(s.listeners, l)
	}
	return l, err
}

// sniffer hands HTTP connections to an http.Server; raw ones are answered at once, TLS ones are ended here if tlsOK.
type sniffer struct {
	net.Listener
	ch    chan net.Conn
	tlsOK bool
	name  string
	pki   *pki
}

type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

func (n *sniffer) Accept() (net.Conn, error) {
	c, ok := <-n.ch
	if !ok {
		return nil, io.EOF
	}
	return c, nil
}

func (n *sniffer) loop() {
	for {
		c, err := n.Listener.Accept()
		if err != nil {
			close(n.ch)
			return
		}
		go n.sniff(c, n.name)
	}
}

func (n *sniffer) sniff(c net.Conn, name string) {
	r := bufio.NewReader(c)
	b, err := r.Peek(1)
	if err != nil {
		c.Close()
		return
	}
	p := &peeked{c, r}
	switch {
	case b[0] == 0x16 && n.tlsOK:
		t := tls.Server(p, &tls.Config{NextProtos: []string{"http/1.1"}, GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			sn := h.ServerName
			if sn == "" {
				sn = "localhost"
			}
			return n.pki.leaf("", sn), nil
		}})
		if err := t.Handshake(); err != nil {
			c.Close()
			return
		}
		n.sniff(t, name+"-tls")
	case b[0] == 0x16:
		c.Close() // an application that does not speak TLS
	case b[0] == 0:
		line, err := r.ReadString('\n')
		if err == nil {
			fmt.Fprintf(c, "%s %s", name, line[1:])
		}
		c.Close()
	default:
		n.ch <- p
	}
}

func (s *server) startEcho(name string, tlsOK bool) (string, error) {
	l, err := s.listen()
	if err != nil {
		return "", err
	}
	n := &sniffer{Listener: l, ch: make(chan net.Conn), tlsOK: tlsOK, name: name, pki: s.pki}
	go n.loop()
	protos := &http.Protocols{}
	protos.SetHTTP1(true)
	protos.SetUnencryptedHTTP2(true)
	srv := &http.Server{Protocols: protos, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := map[string][]string{}
		for k, v := range r.Header {
			k = strings.ToLower(k)
			switch {
			case strings.HasPrefix(k, "x-behavior-"), k == "x-request-id", k == "x-forwarded-client-cert", strings.HasPrefix(k, "x-envoy-"), k == "x-forwarded-proto", k == "content-length":
			default:
				h[k] = v
			}
		}
		w.Header().Set("content-type", "application/json")
		w.Header().Set("x-behavior-echo", name)
		_ = json.NewEncoder(w).Encode(seen{r.Method, r.RequestURI, r.Host, h})
	})}
	go func() { _ = srv.Serve(n) }()
	return l.Addr().String(), nil
}

type authzServer struct {
	s *server
	authv3.UnimplementedAuthorizationServer
}

func (a authzServer) Check(_ context.Context, r *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	answer := a.s.tcpAuthz.Load()
	if h := r.GetAttributes().GetRequest().GetHttp(); h != nil {
		answer = h.GetHeaders()[hdrAuthz]
	}
	if answer == "deny" {
		return &authv3.CheckResponse{
			Status:       &rpcstatus.Status{Code: int32(code.Code_PERMISSION_DENIED)},
			HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: &authv3.DeniedHttpResponse{Status: &typev3.HttpStatus{Code: typev3.StatusCode_Forbidden}}},
		}, nil
	}
	return &authv3.CheckResponse{Status: &rpcstatus.Status{}}, nil
}

// limitServer has limits that nobody reaches.
type limitServer struct {
	ratelimitv3.UnimplementedRateLimitServiceServer
}

func (limitServer) ShouldRateLimit(_ context.Context, r *ratelimitv3.RateLimitRequest) (*ratelimitv3.RateLimitResponse, error) {
	statuses := make([]*ratelimitv3.RateLimitResponse_DescriptorStatus, len(r.Descriptors))
	for i := range statuses {
		statuses[i] = &ratelimitv3.RateLimitResponse_DescriptorStatus{Code: ratelimitv3.RateLimitResponse_OK}
	}
	return &ratelimitv3.RateLimitResponse{OverallCode: ratelimitv3.RateLimitResponse_OK, Statuses: statuses}, nil
}

func (s *server) startStubs() error {
	var err error
	if s.echoAddr, err = s.startEcho("app", false); err != nil {
		return err
	}
	if s.echoTLSAddr, err = s.startEcho("app", true); err != nil {
		return err
	}
	if s.extAddr, err = s.startEcho("external", true); err != nil {
		return err
	}
	l, err := s.listen()
	if err != nil {
		return err
	}
	g := grpc.NewServer()
	s.tcpAuthz.Store("")
	authv3.RegisterAuthorizationServer(g, authzServer{s: s})
	ratelimitv3.RegisterRateLimitServiceServer(g, limitServer{})
	go func() { _ = g.Serve(l) }()
	s.authzAddr = l.Addr().String()
	s.limitsAddr = s.opt.rateLimits
	if s.limitsAddr == "" {
		s.limitsAddr = s.authzAddr
	}
	return nil
}

func pipe(a, b net.Conn) {
	var wg sync.WaitGroup
	wg.Add(2)
	cp := func(d, s net.Conn) {
		_, _ = io.Copy(d, s)
		if h, ok := d.(interface{ CloseWrite() error }); ok {
			_ = h.CloseWrite()
		} else {
			d.Close()
		}
		wg.Done()
	}
	go cp(a, b)
	go cp(b, a)
	wg.Wait()
	a.Close()
	b.Close()
}

// tcpHop is a connection that a relay made: for TCP requests, which go one at a time, it tells the endpoint drawn.
type tcpHop struct {
	w      *workload
	remote string // empty: no proxy there
}

// relay stands for the network in front of one pod port: it gives the pod's proxy the original addresses. The client is known by
// the loopback address its Envoy connects from.
func (s *server) relay(ip string, port uint32) string {
	k := fmt.Sprintf("%s:%d", ip, port)
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.relays[k]; a != "" {
		return a
	}
	l, err := s.listen()
	if err != nil {
		panic(err)
	}
	s.relays[k] = l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				h, _, _ := net.SplitHostPort(c.RemoteAddr().String())
				s.mu.Lock()
				from := s.sources[h]
				s.mu.Unlock()
				if from == nil {
					c.Close()
					return
				}
				d, err := s.dialPod(from.source(), ip, port)
				t := tcpHop{w: s.world.byIP[ip]}
				if p, ok := d.(*proxyConn); ok {
					t.remote = p.remote
				}
				s.mu.Lock()
				s.tcpHops = append(s.tcpHops[max(0, len(s.tcpHops)-16):], t)
				s.mu.Unlock()
				if err != nil {
					c.Close()
					return
				}
				pipe(c, d)
			}()
		}
	}()
	return s.relays[k]
}

func (s *server) externalRelay(from *workload, cluster string) string { return s.extAddr }

var srcPort atomic.Uint32

// dialPod connects to a pod's port the way the network would: its proxy if it has one, else the application.
func (s *server) dialPod(src, ip string, port uint32) (net.Conn, error) {
	w := s.world.byIP[ip]
	if w == nil || !w.takes(port) {
		return net.Dial("tcp", s.appAddr(w, port))
	}
	e := s.envoyOf(w)
	if err := e.start(); err != nil {
		return nil, err
	}
	path := e.inbound
	if w.Router {
		path = e.gateway[port]
	}
	if path == "" {
		return nil, fmt.Errorf("%s does not listen on %d", w.key(), port)
	}
	return dialProxy(path, src, ip, port)
}

// appAddr is the application: one that speaks TLS itself where the Service says so.
func (s *server) appAddr(w *workload, port uint32) string {
	if w != nil {
		for _, svc := range s.world.services {
			if svc.Namespace != w.Namespace || len(svc.Spec.Selector) == 0 || !subset(svc.Spec.Selector, w.Labels) {
				continue
			}
			for _, p := range svc.Spec.Ports {
				n := strings.ToLower(strings.SplitN(p.Name, "-", 2)[0])
				if p.AppProtocol != nil {
					n = strings.ToLower(*p.AppProtocol)
				}
				if uint32(targetPort(p, w)) == port && (n == "tls" || n == "https") {
					return s.echoTLSAddr
				}
			}
		}
	}
	return s.echoAddr
}

// proxyConn is a connection to a listener of an Envoy, and the peer address told to it: access logs are found by that.
type proxyConn struct {
	*net.UnixConn
	remote string
}

func dialProxy(path, src, dst string, port uint32) (net.Conn, error) {
	c, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	h := []byte("\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c")
	h = append(h, net.ParseIP(src).To4()...)
	h = append(h, net.ParseIP(dst).To4()...)
	sp := 20000 + srcPort.Add(1)%40000
	h = binary.BigEndian.AppendUint16(h, uint16(sp))
	h = binary.BigEndian.AppendUint16(h, uint16(port))
	if _, err := c.Write(h); err != nil {
		return nil, err
	}
	return &proxyConn{c.(*net.UnixConn), fmt.Sprintf("%s:%d", src, sp)}, nil
}

// --- names ---

func (s *server) serviceEndpoints(host string, port uint32) []epInfo {
	var out []epInfo
	svc := s.service(host, "")
	if svc == nil {
		return nil
	}
	for _, p := range svc.Spec.Ports {
		if uint32(p.Port) != port {
			continue
		}
		for _, x := range s.world.workloads {
			if x.isBehind(svc) && !x.isMachine() { // kube-proxy sends to what Kubernetes knows
				out = append(out, epInfo{w: x, ip: x.IP, port: uint32(targetPort(p, x))})
			}
		}
	}
	return out
}

func (s *server) service(host, ns string) *corev1.Service {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, x := range s.world.services {
		for _, n := range []string{x.Name + "." + x.Namespace + ".svc.cluster.local", x.Name + "." + x.Namespace + ".svc", x.Name + "." + x.Namespace} {
			if host == n {
				return x
			}
		}
		if host == x.Name && x.Namespace == ns {
			return x
		}
	}
	return nil
}

const noPort = "an address of the mesh, but the Service has no such port (or no pods)"

// behind is what the cluster network delivers a Service's or pod's address to.
func (s *server) behind(ip string, port uint32) (eps []epInfo, known bool) {
	for _, x := range s.world.services {
		if x.Spec.ClusterIP == ip {
			return s.serviceEndpoints(x.Name+"."+x.Namespace, port), true
		}
	}
	if w := s.world.byIP[ip]; w != nil {
		return []epInfo{{w: w, ip: ip, port: port}}, true
	}
	return nil, false
}

// resolve is the caller's DNS.
func (s *server) resolve(host, ns string, port uint32) (string, string) {
	if net.ParseIP(host) != nil {
		return host, ""
	}
	if svc := s.service(host, ns); svc != nil {
		if ip := net.ParseIP(svc.Spec.ClusterIP); ip != nil {
			return svc.Spec.ClusterIP, ""
		}
		for _, e := range s.serviceEndpoints(svc.Name+"."+svc.Namespace, port) {
			return e.ip, "headless service: the first pod was dialled"
		}
		return "198.51.100.1", "service without address"
	}
	if pod, domain, ok := strings.Cut(host, "."); ok { // of a StatefulSet
		if svc := s.service(domain, ns); svc != nil && svc.Spec.ClusterIP == corev1.ClusterIPNone {
			for _, e := range s.serviceEndpoints(svc.Name+"."+svc.Namespace, port) {
				if strings.TrimRight(pod, "0123456789") == e.w.Name+"-" {
					return e.ip, "a pod of a headless service was dialled"
				}
			}
		}
	}
	if a, ok := s.world.seHosts[strings.ToLower(host)]; ok {
		if net.ParseIP(a) != nil {
			return a, ""
		}
		return "198.51.100.2", ""
	}
	return "198.51.100.3", "host unknown to the folder: a documentation address was dialled"
}

// --- requests ---

func (s *server) evaluateAll(reqs []*request) []*result {
	out := make([]*result, len(reqs))
	sem := make(chan struct{}, s.opt.jobs)
	var wg sync.WaitGroup
	for i, r := range reqs {
		if (r.Protocol != "" && r.Protocol != "http") || r.ExtAuthz == "deny" {
			continue
		}
		wg.Add(1)
		sem <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-sem }()
			out[i] = s.evaluate(r, i)
		}()
	}
	wg.Wait()
	for i, r := range reqs {
		if out[i] == nil {
			s.tcpAuthz.Store(r.ExtAuthz) // a connection cannot say it itself
			if out[i] = s.evaluate(r, i); out[i] == nil {
				out[i] = s.evaluate(r, i) // HTTP that turned out to be opaque
			}
		}
	}
	return out
}

func (s *server) evaluate(r *request, n int) *result {
	res := &result{ID: r.ID, Client: r.client.key(), Mode: "none"}
	if r.Method == "" {
		r.Method = "GET"
	}
	if r.Path == "" {
		r.Path = "/"
	}
	port := r.To.Port
	if port == 0 {
		port = 80
		if r.From.Scheme == "https" {
			port = 443
		}
	}
	uid := fmt.Sprintf("%d", n)
	fail := func(err error) *result {
		res.Verdict = "ERROR"
		res.Outcomes = []*outcome{{Verdict: "ERROR", Raw: err.Error()}}
		return res
	}
	ip, note := s.resolve(r.To.Host, r.client.Namespace, port)
	if r.To.IP != "" {
		ip, note = r.To.IP, ""
	}
	if note != "" && r.From.Gateway == nil {
		res.Notes = append(res.Notes, note)
	}
	if r.From.Gateway == nil && (r.Plaintext || !r.client.Injected) {
		eps := s.serviceEndpoints(s.fqdn(r.To.Host, r.client.Namespace), port)
		if len(eps) == 0 {
			if w := s.world.byIP[ip]; w != nil {
				eps = []epInfo{{w: w, ip: ip, port: port}}
			}
		}
		for i, ep := range eps {
			if ep.w.Injected {
				if err := s.envoyOf(ep.w).start(); err != nil {
					return fail(err)
				}
			}
			direct := func() (net.Conn, error) { return s.dialPod(r.client.source(), ep.ip, ep.port) }
			var o *outcome
			if r.Protocol == "" || r.Protocol == "http" {
				o = s.send(r, fmt.Sprintf("%s-%d", uid, i), nil, direct, nil, nil)
			} else {
				o = s.sendTCP(r, nil, direct)
				o.Transport = "plaintext"
				if r.Protocol == "tls" {
					o.Transport = "tls"
				}
			}
			o.Workload, o.Endpoint = ep.w.key(), fmt.Sprintf("%s:%d", ep.ip, ep.port)
			res.Outcomes = append(res.Outcomes, o)
		}
		if len(eps) == 0 {
			res.Outcomes = []*outcome{{Verdict: "UNREACHABLE", Details: "no such pod behind the name: outside the mesh"}}
		}
		return res.sum()
	}
	e := s.envoyOf(r.client)
	if err := e.start(); err != nil {
		return fail(err)
	}
	var dial func() (net.Conn, error)
	if r.From.Gateway != nil {
		res.Mode = "gateway"
		lp := s.gatewayPort(r.client, port)
		path := e.gateway[lp]
		src := r.From.IP
		if src == "" {
			src = "203.0.113.10"
		}
		res.Listener = fmt.Sprintf("%d", lp)
		if path == "" {
			res.Outcomes = []*outcome{{Verdict: "RESET", By: "client-proxy", Details: fmt.Sprintf("the gateway has no listener on %d", lp)}}
			return res.sum()
		}
		sni := r.From.SNI
		if sni == "" {
			sni = r.To.Host
		}
		dial = func() (net.Conn, error) {
			c, err := dialProxy(path, src, r.client.IP, lp)
			if err != nil || r.From.Scheme != "https" {
				return c, err
			}
			t := tls.Client(c, &tls.Config{ServerName: sni, InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}, //nolint:gosec // the harness's own loopback
				GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					switch name := r.From.Certificate; {
					case name == "none":
						return &tls.Certificate{}, nil
					case strings.HasPrefix(name, "spiffe://"):
						return s.pki.leaf(name), nil
					case name != "":
						return s.pki.leaf("", name), nil
					}
					return s.pki.leaf("", "client.example"), nil
				}})
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			if err := t.Handshake(); err != nil {
				c.Close()
				return c, fmt.Errorf("TLS with the gateway: %w", err)
			}
			return t, nil
		}
	} else {
		res.Mode = "sidecar"
		res.Listener = e.handOff(ip, port)
		dial = func() (net.Conn, error) { return dialProxy(e.outbound, r.client.source(), ip, port) }
	}
	if r.Protocol != "" && r.Protocol != "http" {
		if r.Protocol == "opaque" {
			res.Notes = append(res.Notes, "the client's proxy treats this port as opaque TCP: HTTP rules do not apply")
		}
		o := s.sendTCP(r, e, dial)
		if o.Cluster == "PassthroughCluster" {
			if eps, known := s.behind(ip, port); known {
				if len(eps) == 0 {
					res.Outcomes = []*outcome{{Cluster: o.Cluster, Verdict: "UNREACHABLE", Details: noPort}}
					return res.sum()
				}
				res.Notes = append(res.Notes, "PassthroughCluster with an address of the mesh: plaintext to its pods")
				for _, ep := range eps {
					x := s.sendTCP(r, e, func() (net.Conn, error) { return s.dialPod(r.client.source(), ep.ip, ep.port) })
					x.Cluster, x.Workload, x.Transport = o.Cluster, ep.w.key(), "plaintext"
					res.Outcomes = append(res.Outcomes, x)
				}
				return res.sum()
			}
		}
		// the endpoint is drawn at random: connect until every workload of the cluster was seen
		got := map[string]*outcome{o.Workload: o}
		want := map[string]bool{}
		for _, x := range e.eps[o.Cluster] {
			if x.w != nil {
				want[x.w.key()] = true
			}
		}
		for n := 0; n < 12*len(want) && len(got) < len(want) && o.Workload != ""; n++ {
			if x := s.sendTCP(r, e, dial); x.Workload != "" {
				got[x.Workload] = x
			}
		}
		for _, k := range sortedKeys(got) {
			res.Outcomes = append(res.Outcomes, got[k])
		}
		if len(got) < len(want) {
			res.Notes = append(res.Notes, "not every workload behind the cluster was drawn")
		}
		return res.sum()
	}
	first := s.send(r, uid+"-0", e, dial, nil, nil)
	ri := first.route
	if ri == nil && first.opaque && r.Protocol != "opaque" {
		r.Protocol = "opaque" // judged again as a TCP connection, alone
		return nil
	}
	if ri == nil {
		res.Outcomes = []*outcome{first}
		return res.sum()
	}
	res.Route = e.describe(ri)
	switch first.Verdict {
	case "DENY", "UNAUTHENTICATED", "FAULT", "CORS_PREFLIGHT", "OTHER":
		if first.By == "client-proxy" && first.Details != "via_upstream" { // answered before any cluster
			first.Cluster, first.Transport = "", ""
			res.Outcomes = []*outcome{first}
			return res.sum()
		}
	}
	type draw struct {
		cluster string
		value   *uint64
	}
	var draws []draw
	if wc := ri.r.GetRoute().GetWeightedClusters(); wc != nil {
		var sum uint64
		for _, c := range wc.Clusters {
			v := sum
			sum += uint64(c.Weight.GetValue())
			if c.Weight.GetValue() > 0 {
				draws = append(draws, draw{c.Name, &v})
			}
		}
	} else if c := ri.r.GetRoute().GetCluster(); c != "" {
		draws = append(draws, draw{c, nil})
	}
	if len(draws) == 0 {
		res.Outcomes = []*outcome{first}
		return res.sum()
	}
	k := 0
	for _, d := range draws {
		if eps, known := s.behind(ip, port); d.cluster == "PassthroughCluster" && r.From.Gateway == nil && known {
			if len(eps) == 0 {
				res.Outcomes = append(res.Outcomes, &outcome{Cluster: d.cluster, Verdict: "UNREACHABLE", Details: noPort})
				continue
			}
			res.Notes = append(res.Notes, "PassthroughCluster with an address of the mesh: plaintext to its pods")
			passed := *r
			if first.Upstream != nil && (r.JWT == nil || r.JWT.Param == "") {
				passed.Path = first.Upstream.Path // the caller's proxy has normalized it
			}
			for _, ep := range eps {
				k++
				o := s.send(&passed, fmt.Sprintf("%s-%d", uid, k), nil, func() (net.Conn, error) { return s.dialPod(r.client.source(), ep.ip, ep.port) }, nil, nil)
				o.Cluster, o.Workload, o.Endpoint = d.cluster, ep.w.key(), fmt.Sprintf("%s:%d", ep.ip, ep.port)
				if o.Verdict == "RESET" { // the caller's proxy would turn it into its own 503
					o.Verdict, o.Status, o.By, o.Raw = "UPSTREAM_RESET", 503, "client-proxy", ""
				}
				res.Outcomes = append(res.Outcomes, o)
			}
			continue
		}
		groups := map[string][]epInfo{}
		var order []string
		for _, x := range e.eps[d.cluster] {
			key := "external"
			if x.w != nil {
				key = x.w.key()
			}
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], x)
		}
		sort.Strings(order)
		if len(order) > 16 {
			res.Notes = append(res.Notes, fmt.Sprintf("%s: 16 of %d workloads tried", d.cluster, len(order)))
			order = order[:16]
		}
		if len(order) == 0 {
			order = []string{""}
		}
		for _, g := range order {
			var ep *epInfo
			if g != "" {
				ep = &groups[g][0]
			}
			var o *outcome
			if len(draws) == 1 && len(order) == 1 {
				o = first
			} else {
				k++
				var pin *epInfo
				if ep != nil && len(order) > 1 {
					pin = ep
				}
				o = s.send(r, fmt.Sprintf("%s-%d", uid, k), e, dial, d.value, pin)
				if o.route != ri {
					o.Raw = "the route changed between two sendings"
				}
			}
			if o.Cluster == "" {
				o.Cluster = d.cluster
			}
			if o.Cluster != d.cluster {
				o.Raw += fmt.Sprintf(" wanted cluster %s", d.cluster)
			}
			if ep != nil {
				o.Workload = g
				if ep.w != nil {
					o.Endpoint = fmt.Sprintf("%s:%d", ep.ip, ep.port)
				}
			}
			res.Outcomes = append(res.Outcomes, o)
		}
	}
	return res.sum()
}

func (s *server) fqdn(host, ns string) string {
	if svc := s.service(host, ns); svc != nil {
		return svc.Name + "." + svc.Namespace + ".svc.cluster.local"
	}
	return host
}

func (r *result) sum() *result {
	for _, o := range r.Outcomes {
		switch {
		case r.Verdict == "":
			r.Verdict = o.Verdict
		case r.Verdict != o.Verdict:
			r.Verdict = "MIXED"
		}
	}
	return r
}

// gatewayPort maps a port of the gateway's Service to the port its pods listen on.
func (s *server) gatewayPort(w *workload, port uint32) uint32 {
	for _, svc := range s.world.services {
		if svc.Namespace != w.Namespace || len(svc.Spec.Selector) == 0 || !subset(svc.Spec.Selector, w.Labels) {
			continue
		}
		for _, p := range svc.Spec.Ports {
			if uint32(p.Port) == port {
				return uint32(targetPort(p, w))
			}
		}
	}
	return port
}

// handOff names the listener virtualOutbound hands a connection to (Envoy does it; this is only for the report).
func (e *envoy) handOff(ip string, port uint32) string {
	for _, n := range []string{fmt.Sprintf("%s_%d", ip, port), fmt.Sprintf("0.0.0.0_%d", port)} {
		if e.lnames[n] {
			return n
		}
	}
	return "virtualOutbound"
}

func (s *server) waitLogs(id, w, dir string, d time.Duration) []logEntry {
	deadline := time.Now().Add(d)
	t := time.AfterFunc(d, s.logCond.Broadcast)
	defer t.Stop()
	s.logMu.Lock()
	defer s.logMu.Unlock()
	for {
		for _, l := range s.logs[id] {
			if l.W == w && l.Dir == dir {
				return append([]logEntry{}, s.logs[id]...)
			}
		}
		if time.Now().After(deadline) {
			return append([]logEntry{}, s.logs[id]...)
		}
		s.logCond.Wait()
	}
}

// read takes what the answer tells, and gives the name of the application that gave it.
func (o *outcome) read(resp *http.Response, token string) string {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	resp.Body.Close()
	o.Status = resp.StatusCode
	o.Location = resp.Header.Get("location")
	if token != "" {
		o.Location = strings.ReplaceAll(o.Location, token, "<token>")
	}
	echo := resp.Header.Get("x-behavior-echo")
	u := &seen{}
	if echo == "" || len(body) == 0 || json.Unmarshal(body, u) != nil {
		return echo
	}
	if token != "" { // it holds the time
		u.Path = strings.ReplaceAll(u.Path, token, "<token>")
		for _, vs := range u.Headers {
			for i, v := range vs {
				vs[i] = strings.ReplaceAll(v, token, "<token>")
			}
		}
	}
	o.Upstream = u
	return echo
}

// message is the request as the application writes it, and the token in it.
func (s *server) message(r *request, id string, pick *uint64, pin *epInfo) ([]byte, string) {
	host := r.To.Host
	if r.To.Port != 0 && !((r.From.Scheme != "https" && r.To.Port == 80) || (r.From.Scheme == "https" && r.To.Port == 443)) {
		host = fmt.Sprintf("%s:%d", host, r.To.Port)
	}
	path := r.Path
	var hs bytes.Buffer
	token := ""
	for _, k := range sortedKeys(r.Headers) {
		if l := strings.ToLower(k); l == "host" || l == ":authority" {
			host = r.Headers[k]
			continue
		}
		fmt.Fprintf(&hs, "%s: %s\r\n", k, r.Headers[k])
	}
	if j := r.JWT; j != nil {
		claims := map[string]any{"iss": j.Iss, "iat": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(time.Hour).Unix()}
		if j.Sub != "" {
			claims["sub"] = j.Sub
		}
		if len(j.Aud) > 0 {
			claims["aud"] = j.Aud
		}
		for k, v := range j.Claims {
			claims[k] = v
		}
		if j.Expired {
			claims["exp"] = time.Now().Add(-time.Hour).Unix()
			claims["iat"] = time.Now().Add(-2 * time.Hour).Unix()
		}
		token = s.pki.token(claims, j.BadSignature)
		switch {
		case j.Param != "":
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			path += sep + url.QueryEscape(j.Param) + "=" + token
		case j.Cookie != "":
			fmt.Fprintf(&hs, "cookie: %s=%s\r\n", j.Cookie, token)
		default:
			h, p := j.Header, ""
			if h == "" {
				h, p = "authorization", "Bearer "
			}
			if j.Prefix != nil {
				p = *j.Prefix
			}
			fmt.Fprintf(&hs, "%s: %s%s\r\n", h, p, token)
		}
	}
	fmt.Fprintf(&hs, "%s: %s\r\n", hdrReq, id)
	if pick != nil {
		fmt.Fprintf(&hs, "%s: %d\r\n", hdrPick, *pick)
	} else {
		fmt.Fprintf(&hs, "%s: 0\r\n", hdrPick)
	}
	if pin != nil {
		fmt.Fprintf(&hs, "%s: %s\r\n", hdrEndpoint, base64.StdEncoding.EncodeToString([]byte(pin.addr)))
	}
	if r.ExtAuthz != "" {
		fmt.Fprintf(&hs, "%s: %s\r\n", hdrAuthz, r.ExtAuthz)
	}
	if r.Method == "POST" || r.Method == "PUT" || r.Method == "PATCH" {
		hs.WriteString("content-length: 0\r\n")
	}
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", r.Method, path, host, hs.String()), token
}

func (s *server) send(r *request, id string, e *envoy, dial func() (net.Conn, error), pick *uint64, pin *epInfo) *outcome {
	o := &outcome{}
	c, err := dial()
	if err != nil {
		o.Verdict, o.By, o.Raw = "RESET", "client-proxy", plain(err)
		if p, ok := c.(*proxyConn); ok { // TLS got nowhere
			if why := s.refusal(p.remote); strings.HasPrefix(why, "rbac_access_denied") {
				o.Verdict, o.Details = "DENY", why
				o.judgePolicy()
			}
		}
		return o
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	message, token := s.message(r, id, pick, pin)
	_, _ = c.Write(message)
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: r.Method})
	echo, refused := "", ""
	if err != nil {
		o.Verdict, o.Raw = "RESET", plain(err)
		if p, ok := c.(*proxyConn); ok && e == nil {
			c.Close()
			if o.Details = s.refusal(p.remote); o.Details != "" {
				o.By = "server-proxy"
			}
			if strings.HasPrefix(o.Details, "rbac_access_denied") || strings.HasPrefix(o.Details, "ext_authz") {
				refused = "DENY"
			}
		}
	} else {
		echo = o.read(resp, token)
	}
	// logs: the client's proxy first, then whoever else saw the id
	var logs []logEntry
	dir := "out"
	if e != nil && e.w.Router {
		dir = "gw"
	}
	own := func(l *logEntry) bool { return e != nil && l.W == e.w.key() && l.Dir == dir } // a pod may call itself
	if e != nil && (err == nil) {
		logs = s.waitLogs(id, e.w.key(), dir, 300*time.Millisecond)
		if !slices.ContainsFunc(logs, func(l logEntry) bool { return own(&l) }) {
			// The proxy is slow, or the port is opaque to it: the listener's log, which comes last, tells.
			c.Close()
			s.waitEnd(c)
			logs = s.peekLogs(id)
		}
		o.opaque = echo != ""
		for _, l := range logs {
			if own(&l) {
				o.route, o.opaque = e.routes[l.Route], false
				o.Cluster = l.Cluster
				o.Details, o.Flags = l.Details, dash(l.Flags)
				if l.UTLS != "" {
					o.Transport = "tls"
					if strings.HasPrefix(l.UPeer, "spiffe://") {
						o.Transport = "mtls"
					}
				} else if l.UHost != "" {
					o.Transport = "plaintext"
				}
				if l.UFail != "" {
					o.Raw = l.UFail
				}
				if strings.Contains(l.Flags, "UF") {
					o.Transport = "failed"
				}
				o.By = "client-proxy"
			}
		}
	}
	if err != nil && e != nil {
		o.opaque = true
	}
	// the server side's log may come a moment later than the client's
	if err == nil && !o.opaque {
		direct := "" // the connection with the server's proxy, if the client has none: its log ends with that of the listener
		wantServer := o.Details == "via_upstream" && s.anyServerEnvoy(pin, e, o.Cluster)
		if p, ok := c.(*proxyConn); ok && e == nil {
			wantServer, direct = true, p.remote
			c.Close()
		}
		if wantServer {
			wait := 10 * time.Second
			if o.Status == http.StatusBadRequest { // a codec that refuses a request logs nothing of it
				wait = time.Second
			}
			deadline := time.Now().Add(wait)
			for {
				ended := direct != "" && s.ended(direct)
				logs = s.peekLogs(id)
				found := false
				for i := range logs {
					if !own(&logs[i]) {
						found = true
					}
				}
				if found || ended || time.Now().After(deadline) {
					break
				}
				time.Sleep(time.Millisecond)
			}
		}
	}
	var last *logEntry
	server := 0
	for i := range logs {
		l := &logs[i]
		if own(l) {
			continue
		}
		if last == nil || l.Details != "via_upstream" {
			last = l
		}
		server++
		if l.Dir == "in" || l.Dir == "gw" {
			if o.Peer == "" {
				o.Peer = l.Peer
			}
			if e == nil {
				o.Transport = "plaintext"
				if l.TLS != "" {
					o.Transport = "tls"
				}
			}
		}
	}
	if server > 1 || (server == 1 && last.Dir == "gw") {
		for i := len(logs) - 1; i >= 0; i-- { // the outermost hop logs last
			if l := logs[i]; !own(&l) {
				h := hop{Workload: l.W, Direction: l.Dir, Cluster: l.Cluster, Status: l.Code, Details: l.Details, Peer: l.Peer}
				if passed := s.envoyByKey(l.W); passed != nil {
					if ri := passed.routes[l.Route]; ri != nil {
						h.Route, h.VirtualHost = ri.r.Name, ri.vhost
					}
				}
				o.Via = append(o.Via, h)
			}
		}
	}
	if last != nil {
		o.By = "server-proxy"
		o.Details, o.Flags = last.Details, dash(last.Flags)
	}
	if e == nil && o.Transport == "" {
		o.Transport = "plaintext"
	}
	if o.Peer == "" && o.Transport == "mtls" && echo != "" { // it went through as TCP, whose log comes when the proxies part
		for _, l := range logs {
			if own(&l) {
				o.Peer = l.UOwn
			}
		}
	}
	if echo != "" {
		o.By = echo
	}
	o.judge(echo)
	if refused != "" {
		o.Verdict = refused
	}
	if s.opt.verbose {
		o.Hops = logs
	}
	s.logMu.Lock()
	delete(s.logs, id)
	s.logMu.Unlock()
	return o
}

// envoyByKey finds a proxy of a workload: those of several source addresses have the same routes.
func (s *server) envoyByKey(k string) *envoy {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.envoys {
		if e.w.key() == k {
			return e
		}
	}
	return nil
}

// waitEnd waits until the proxy at the other end has logged the end of a connection.
func (s *server) waitEnd(c net.Conn) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	p, ok := c.(*proxyConn)
	for deadline := time.Now().Add(10 * time.Second); ok && !s.ended(p.remote) && time.Now().Before(deadline); {
		time.Sleep(2 * time.Millisecond)
	}
}

// ended tells whether a listener has logged the end of a connection.
func (s *server) ended(remote string) bool {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	for _, l := range s.connLogs {
		if l.Remote == remote && strings.HasPrefix(l.Dir, "l-") {
			return true
		}
	}
	return false
}

// refusal is why a listener closed a connection, as far as its log says.
func (s *server) refusal(remote string) string {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		s.logMu.Lock()
		for _, l := range s.connLogs {
			if l.Remote == remote && strings.HasPrefix(l.Term, "rbac_access_denied") {
				s.logMu.Unlock()
				return l.Term
			}
			if l.Remote == remote && strings.HasPrefix(l.Dir, "l-") {
				s.logMu.Unlock()
				return l.Details // of ext_authz, too
			}
		}
		s.logMu.Unlock()
	}
	return ""
}

// plain drops socket names from an error: they differ from run to run.
func plain(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return "connection closed" // which of them is a matter of timing
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return strings.TrimPrefix(op.Err.Error(), op.Op+": ")
	}
	return err.Error()
}

func dash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

func (s *server) peekLogs(id string) []logEntry {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return append([]logEntry{}, s.logs[id]...)
}

// anyServerEnvoy tells whether a proxy behind takes the request for HTTP, and logs it.
func (s *server) anyServerEnvoy(pin *epInfo, e *envoy, cluster string) bool {
	logs := func(x epInfo) bool {
		if x.w == nil || !x.w.takes(x.port) {
			return false
		}
		server := s.envoyOf(x.w)
		if server.start() != nil {
			return false
		}
		isHTTP, isKnown := server.takes[x.port]
		return isHTTP || !isKnown
	}
	if pin != nil {
		return logs(*pin)
	}
	if e == nil {
		return false
	}
	return slices.ContainsFunc(e.eps[cluster], logs)
}

func (o *outcome) judgePolicy() {
	if i := strings.Index(o.Details, "matched_policy["); i >= 0 {
		o.Policy = strings.TrimSuffix(o.Details[i+len("matched_policy["):], "]")
	}
}

func (o *outcome) judge(echo string) {
	o.judgePolicy()
	switch {
	case echo != "":
		o.Verdict = "ALLOW"
	case o.Status == 0:
		o.Verdict = "RESET"
	case strings.HasPrefix(o.Details, "rbac_access_denied"):
		o.Verdict = "DENY"
	case strings.HasPrefix(o.Details, "ext_authz"):
		o.Verdict = "DENY"
	case strings.HasPrefix(o.Details, "jwt_authn"):
		o.Verdict = "UNAUTHENTICATED"
	case o.Details == "path_normalization_failed", o.Status == http.StatusBadRequest && o.Details == "via_upstream" && o.By == "client-proxy":
		o.Verdict = "BAD_REQUEST"
	case o.Details == "route_not_found" || (o.Status == 404 && strings.HasPrefix(o.Details, "direct_response") && !o.route.isConfigured()):
		o.Verdict = "NO_ROUTE"
	case o.Status >= 300 && o.Status < 400:
		o.Verdict = "REDIRECT"
	case o.Details == "cors_response":
		o.Verdict = "CORS_PREFLIGHT"
	case strings.HasPrefix(o.Details, "fault_filter_abort"):
		o.Verdict = "FAULT"
	case strings.HasPrefix(o.Details, "direct_response"):
		o.Verdict = "DIRECT_RESPONSE"
	case o.Details == "cluster_not_found" || strings.HasPrefix(o.Details, "no_healthy_upstream"):
		o.Verdict = "NO_UPSTREAM"
	case strings.HasPrefix(o.Details, "upstream_reset"):
		o.Verdict = "UPSTREAM_RESET"
	default:
		o.Verdict = "OTHER"
	}
}

func (s *server) sendTCP(r *request, e *envoy, dial func() (net.Conn, error)) *outcome {
	o := &outcome{}
	s.mu.Lock()
	s.tcpHops = nil
	s.mu.Unlock()
	c, err := dial()
	if err != nil {
		o.Verdict, o.Raw = "RESET", plain(err)
		return o
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	raw := c
	if r.Protocol == "tls" {
		sni := r.From.SNI
		if sni == "" {
			sni = r.To.Host
		}
		t := tls.Client(c, &tls.Config{ServerName: sni, InsecureSkipVerify: true}) //nolint:gosec // the harness's own loopback
		if err := t.Handshake(); err != nil {
			o.Raw = plain(err)
		}
		c = t
	}
	id, echo := "", ""
	if r.Protocol == "opaque" { // it is HTTP all the same, and a proxy behind may see that
		id = fmt.Sprintf("tcp-%d", s.tcpN.Add(1))
		message, token := s.message(r, id, nil, nil)
		_, _ = c.Write(message)
		if resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: r.Method}); err == nil {
			echo = o.read(resp, token)
		}
	} else {
		_, _ = c.Write([]byte("\x00BEHAVIOR\n"))
		b, _ := io.ReadAll(io.LimitReader(c, 256))
		if name, _, _ := strings.Cut(string(b), " "); strings.HasPrefix(name, "app") || strings.HasPrefix(name, "external") {
			echo = strings.TrimSuffix(name, "-tls")
		} // else a proxy behind that wants HTTP
	}
	raw.Close()
	o.Verdict = "RESET"
	if echo != "" {
		o.Verdict, o.By = "ALLOW", echo
	}
	first := ""
	if p, ok := raw.(*proxyConn); ok {
		first = p.remote
	}
	var logs []logEntry
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		open := map[string]bool{}
		if first != "" {
			open[first] = true
		}
		s.mu.Lock()
		for _, h := range s.tcpHops {
			if h.remote != "" {
				open[h.remote] = true
			}
			if h.w != nil {
				o.Workload = h.w.key()
			}
		}
		s.mu.Unlock()
		mine := map[string]bool{}
		for k := range open {
			mine[k] = true
		}
		logs = nil
		s.logMu.Lock()
		for _, l := range s.connLogs {
			if mine[l.Remote] {
				logs = append(logs, l)
				if strings.HasPrefix(l.Dir, "l-") { // written when the connection ends
					delete(open, l.Remote)
				}
			}
		}
		s.logMu.Unlock()
		if len(open) == 0 || time.Now().After(deadline) {
			break
		}
	}
	denied := ""
	for _, l := range logs {
		client := e != nil && l.Remote == first && l.W == e.w.key()
		if client && l.Cluster != "" {
			o.Cluster = strings.TrimSuffix(l.Cluster, "#tcp")
			o.Transport = "plaintext"
			switch {
			case strings.HasPrefix(l.UPeer, "spiffe://"):
				o.Transport = "mtls"
			case l.UTLS != "":
				o.Transport = "tls"
			case strings.Contains(l.Flags, "UF"): // connected it was, but the other end hung up in the handshake
				o.Transport = "failed"
			}
			o.Flags = dash(l.Flags)
		}
		if !client && l.Peer != "" {
			o.Peer = l.Peer
		}
		if l.Details == "filter_chain_not_found" {
			o.Details, o.By = l.Details, "server-proxy"
			if client {
				o.By = "client-proxy"
			}
		}
		why := l.Term
		if strings.HasPrefix(l.Details, "ext_authz") {
			why = l.Details
		}
		if why != "" && o.Verdict != "ALLOW" {
			if client || denied != "client-proxy" {
				o.Details = why
			}
			if strings.HasPrefix(why, "rbac_access_denied") || strings.HasPrefix(why, "ext_authz") {
				if client { // it may deny while it connects already
					denied = "client-proxy"
				} else if denied == "" {
					denied = "server-proxy"
				}
			}
		}
	}
	if denied != "" {
		o.Verdict, o.By = "DENY", denied
	}
	if o.Status != 0 { // a proxy behind took it for HTTP
		for _, l := range s.peekLogs(id) {
			if l.Dir == "in" || l.Dir == "gw" {
				o.Peer, o.Details, o.Flags = l.Peer, l.Details, dash(l.Flags)
				if echo == "" {
					o.By = "server-proxy"
				}
			}
		}
		o.judge(echo)
	}
	if o.By == "client-proxy" {
		o.Workload, o.Cluster, o.Transport, o.Peer = "", "", "", ""
	}
	if s.opt.verbose {
		o.Hops = logs
	}
	o.judgePolicy()
	return o
}

// --- report of a route, as Istio generated it ---

func pj(m proto.Message) json.RawMessage {
	b, err := protojson.Marshal(m)
	if err != nil {
		return nil
	}
	var buf bytes.Buffer
	if json.Compact(&buf, b) != nil {
		return b
	}
	return buf.Bytes()
}

// configuredBy is the path of the object that the route comes from; empty if Istio makes it by itself.
func (ri *routeInfo) configuredBy() string {
	return ri.r.GetMetadata().GetFilterMetadata()["istio"].GetFields()["config"].GetStringValue()
}

func (ri *routeInfo) isConfigured() bool { return ri != nil && ri.configuredBy() != "" }

func (e *envoy) describe(ri *routeInfo) *routeOut {
	r := ri.r
	o := &routeOut{Config: ri.config, VirtualHost: ri.vhost, Index: ri.index, Name: r.Name, Match: pj(r.Match)}
	o.Source = ri.configuredBy()
	if f := r.TypedPerFilterConfig["envoy.filters.http.fault"]; f != nil {
		o.Fault = pj(f)
	}
	switch {
	case r.GetRedirect() != nil:
		o.Action, o.Redirect = "redirect", pj(r.GetRedirect())
	case r.GetDirectResponse() != nil:
		o.Action, o.Direct = "directResponse", pj(r.GetDirectResponse())
	case r.GetRoute() != nil:
		o.Action = "route"
		a := r.GetRoute()
		add := func(n string, w uint32) {
			_, sub, host, port := model.ParseSubsetKey(n)
			c := clusterOut{Cluster: n, Weight: w, Host: string(host), Subset: sub, Port: port}
			_, c.Known = e.clusters[n]
			o.Clusters = append(o.Clusters, c)
		}
		if wc := a.GetWeightedClusters(); wc != nil {
			for _, c := range wc.Clusters {
				add(c.Name, c.Weight.GetValue())
			}
		} else if c := a.GetCluster(); c != "" {
			add(c, 100)
		}
		if a.Timeout != nil {
			o.Timeout = a.Timeout.AsDuration().String()
		}
		if p := a.RetryPolicy; p != nil {
			o.Retries = map[string]any{"attempts": p.NumRetries.GetValue(), "retryOn": p.RetryOn}
			if p.PerTryTimeout != nil {
				o.Retries["perTryTimeout"] = p.PerTryTimeout.AsDuration().String()
			}
			if len(p.RetriableStatusCodes) > 0 {
				o.Retries["statusCodes"] = p.RetriableStatusCodes
			}
		}
		rw := map[string]any{}
		if a.PrefixRewrite != "" {
			rw["prefix"] = a.PrefixRewrite
		}
		if a.RegexRewrite != nil {
			rw["regex"] = a.RegexRewrite.GetPattern().GetRegex()
			rw["substitution"] = a.RegexRewrite.Substitution
		}
		if h := a.GetHostRewriteLiteral(); h != "" {
			rw["host"] = h
		}
		if len(rw) > 0 {
			o.Rewrite = rw
		}
		for _, m := range a.RequestMirrorPolicies {
			f := m.GetRuntimeFraction().GetDefaultValue()
			o.Mirror = append(o.Mirror, map[string]any{"cluster": m.Cluster, "numerator": f.GetNumerator(), "denominator": f.GetDenominator().String()})
		}
	default:
		o.Action = "none"
	}
	return o
}
