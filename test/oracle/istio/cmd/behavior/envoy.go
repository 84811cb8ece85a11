package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	accesslog "github.com/envoyproxy/go-control-plane/envoy/config/accesslog/v3"
	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	stream "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/stream/v3"
	extauthz "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	fault "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/fault/v3"
	ratelimit "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ratelimit/v3"
	statefulsession "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/stateful_session/v3"
	proxyproto "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/proxy_protocol/v3"
	netextauthz "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/ext_authz/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tcpproxy "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	headersession "github.com/envoyproxy/go-control-plane/envoy/extensions/http/stateful_session/header/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	httpopts "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/xds/endpoints"
	"istio.io/istio/pilot/test/xdstest"
	"istio.io/istio/pkg/config/mesh"
)

const (
	hdrReq      = "x-behavior-req"      // correlation id
	hdrPick     = "x-behavior-pick"     // random value of a weighted route
	hdrEndpoint = "x-behavior-endpoint" // endpoint to use inside the cluster
	hdrAuthz    = "x-behavior-ext-authz"
)

func pack(m proto.Message) *anypb.Any { return must(anypb.New(m)) }

type routeInfo struct {
	config, vhost string
	domains       []string
	index         int
	r             *route.Route // as Istio generated it
}

type epInfo struct {
	w    *workload // nil: not a pod of the folder
	ip   string
	port uint32
	addr string // relay address
}

// envoy is one workload's real proxy: Istio's listeners, routes and clusters for it, edited as little as loopback needs.
type envoy struct {
	s        *server
	w        *workload
	proxy    *model.Proxy
	dir      string
	routes   map[string]*routeInfo // by the unique name given to it
	eps      map[string][]epInfo   // by cluster
	outbound string                // socket of virtualOutbound
	inbound  string
	gateway  map[uint32]string // gateway listeners by port
	lnames   map[string]bool
	known    map[string]bool // the names of its clusters, as istiod sends them
	clusters map[string]*cluster.Cluster
	takes    map[uint32]bool // the ports that have inbound filter chains of their own, and whether one of these is for HTTP
	source   string          // the loopback address it connects from
	cmd      *exec.Cmd
	once     sync.Once
	err      error
	stderr   bytes.Buffer
	startup  time.Duration
	genTime  time.Duration
}

func (e *envoy) strip(what string) {
	e.s.mu.Lock()
	e.s.stripped[what]++
	e.s.mu.Unlock()
}

func logFormat(e *envoy, dir string) []*accesslog.AccessLog {
	f := map[string]any{
		"w": e.w.key(), "dir": dir,
		"id": "%REQ(X-BEHAVIOR-REQ)%", "route": "%ROUTE_NAME%", "cluster": "%UPSTREAM_CLUSTER_RAW%", "code": "%RESPONSE_CODE%",
		"details": "%RESPONSE_CODE_DETAILS%", "flags": "%RESPONSE_FLAGS%", "peer": "%DOWNSTREAM_PEER_URI_SAN%", "tls": "%DOWNSTREAM_TLS_VERSION%",
		"uhost": "%UPSTREAM_HOST%", "utls": "%UPSTREAM_TLS_VERSION%", "upeer": "%UPSTREAM_PEER_URI_SAN%", "uown": "%UPSTREAM_LOCAL_URI_SAN%", "ufail": "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
		"term": "%CONNECTION_TERMINATION_DETAILS%", "dfail": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%", "chain": "%FILTER_CHAIN_NAME%",
		"local": "%DOWNSTREAM_LOCAL_ADDRESS%", "remote": "%DOWNSTREAM_REMOTE_ADDRESS%", "sni": "%REQUESTED_SERVER_NAME%",
	}
	st := must(structpb.NewStruct(f))
	return []*accesslog.AccessLog{{
		Name: "envoy.access_loggers.stdout",
		ConfigType: &accesslog.AccessLog_TypedConfig{TypedConfig: pack(&stream.StdoutAccessLog{
			AccessLogFormat: &stream.StdoutAccessLog_LogFormat{LogFormat: &core.SubstitutionFormatString{
				Format: &core.SubstitutionFormatString_JsonFormat{JsonFormat: st}, OmitEmptyValues: true,
			}},
		})},
	}}
}

// foreign tells whether a filter exists only in Istio's build of Envoy (or needs a download).
func foreign(name string, a *anypb.Any) bool {
	if strings.HasPrefix(name, "istio.") {
		return true
	}
	if a == nil { // ECDS
		return true
	}
	u := a.TypeUrl
	if strings.HasSuffix(u, "TypedStruct") {
		u += string(a.Value)
	}
	for _, s := range []string{"istio.envoy", "io.istio", "metadataexchange", "peer_metadata", "stats.PluginConfig", "wasm", "workload_discovery"} {
		if strings.Contains(u, s) {
			return true
		}
	}
	return false
}

func pipeAddr(p string) *core.Address {
	return &core.Address{Address: &core.Address_Pipe{Pipe: &core.Pipe{Path: p}}}
}

func sockAddr(hostport string) *core.Address {
	h, p, _ := net.SplitHostPort(hostport)
	n := 0
	fmt.Sscan(p, &n)
	return &core.Address{Address: &core.Address_SocketAddress{SocketAddress: &core.SocketAddress{Address: h, PortSpecifier: &core.SocketAddress_PortValue{PortValue: uint32(n)}}}}
}

// --- TLS ---

func (e *envoy) fixCommon(c *tlsv3.CommonTlsContext, secrets map[string]*tlsv3.Secret, server bool) {
	if c == nil {
		return
	}
	for _, s := range c.TlsCertificateSdsSecretConfigs {
		s.SdsConfig = nil
		if secrets[s.Name] == nil {
			// a gateway secret or file: any DNS name, signed by the harness CA
			crt, key := pemPair(e.s.pki.leaf("", "*.example", "localhost"))
			secrets[s.Name] = certSecret(s.Name, crt, key)
			e.strip("certificate " + strings.SplitN(s.Name, ":", 2)[0] + ":… replaced by a test certificate")
		}
	}
	fix := func(s *tlsv3.SdsSecretConfig) {
		if s == nil {
			return
		}
		s.SdsConfig = nil
		if secrets[s.Name] == nil {
			secrets[s.Name] = caSecret(s.Name, e.s.pki.caPEM)
		}
	}
	switch v := c.ValidationContextType.(type) {
	case *tlsv3.CommonTlsContext_ValidationContextSdsSecretConfig:
		fix(v.ValidationContextSdsSecretConfig)
	case *tlsv3.CommonTlsContext_CombinedValidationContext:
		fix(v.CombinedValidationContext.ValidationContextSdsSecretConfig)
		if d := v.CombinedValidationContext.DefaultValidationContext; d != nil && d.TrustedCa != nil {
			d.TrustedCa = &core.DataSource{Specifier: &core.DataSource_InlineBytes{InlineBytes: e.s.pki.caPEM}}
		}
	case *tlsv3.CommonTlsContext_ValidationContext:
		if v.ValidationContext.TrustedCa != nil {
			v.ValidationContext.TrustedCa = &core.DataSource{Specifier: &core.DataSource_InlineBytes{InlineBytes: e.s.pki.caPEM}}
		}
	}
	for _, t := range c.TlsCertificates {
		crt, key := pemPair(e.s.pki.leaf("", "*.example", "localhost"))
		*t = tlsv3.TlsCertificate{CertificateChain: inline(crt), PrivateKey: inline(key)}
	}
	c.KeyLog = nil
}

func inline(b []byte) *core.DataSource {
	return &core.DataSource{Specifier: &core.DataSource_InlineBytes{InlineBytes: b}}
}

func certSecret(n string, crt, key []byte) *tlsv3.Secret {
	return &tlsv3.Secret{Name: n, Type: &tlsv3.Secret_TlsCertificate{TlsCertificate: &tlsv3.TlsCertificate{CertificateChain: inline(crt), PrivateKey: inline(key)}}}
}

func caSecret(n string, ca []byte) *tlsv3.Secret {
	return &tlsv3.Secret{Name: n, Type: &tlsv3.Secret_ValidationContext{ValidationContext: &tlsv3.CertificateValidationContext{TrustedCa: inline(ca)}}}
}

func (e *envoy) fixSocket(ts *core.TransportSocket, secrets map[string]*tlsv3.Secret, alpn []string) {
	a := ts.GetTypedConfig()
	if a == nil {
		return
	}
	switch {
	case a.MessageIs(&tlsv3.UpstreamTlsContext{}):
		t := &tlsv3.UpstreamTlsContext{}
		if a.UnmarshalTo(t) != nil {
			return
		}
		e.fixCommon(t.CommonTlsContext, secrets, false)
		if alpn != nil && t.CommonTlsContext != nil {
			for _, p := range t.CommonTlsContext.AlpnProtocols {
				if p == "istio" {
					t.CommonTlsContext.AlpnProtocols = alpn
					break
				}
			}
		}
		ts.ConfigType = &core.TransportSocket_TypedConfig{TypedConfig: pack(t)}
	case a.MessageIs(&tlsv3.DownstreamTlsContext{}):
		t := &tlsv3.DownstreamTlsContext{}
		if a.UnmarshalTo(t) != nil {
			return
		}
		e.fixCommon(t.CommonTlsContext, secrets, true)
		ts.ConfigType = &core.TransportSocket_TypedConfig{TypedConfig: pack(t)}
	}
}

// --- listeners ---

// onceEach leaves out listeners whose routes an earlier one has: Envoy subscribes to each once, and istiod, asked for the routes of a
// port that it sniffs twice in one push, would give none the second time.
func onceEach(ls []*listener.Listener) []*listener.Listener {
	var out []*listener.Listener
	seen := map[string]bool{}
	for _, l := range ls {
		names := xdstest.ExtractRoutesFromListeners([]*listener.Listener{l})
		fresh := false
		for _, n := range names {
			fresh = fresh || !seen[n]
			seen[n] = true
		}
		if fresh {
			out = append(out, l)
		}
	}
	return out
}

func (e *envoy) fixListener(l *listener.Listener, rds map[string]*route.RouteConfiguration, secrets map[string]*tlsv3.Secret, httpUse, tcpUse map[string]bool) {
	dir := "out"
	if l.TrafficDirection == core.TrafficDirection_INBOUND {
		dir = "in"
	}
	if e.w.Router {
		dir = "gw"
	}
	l.AccessLog = logFormat(e, "l-"+dir)
	l.SocketOptions = nil
	l.ConnectionBalanceConfig = nil
	l.EnableReusePort = nil
	var lf []*listener.ListenerFilter
	proxied := false
	for _, f := range l.ListenerFilters {
		switch {
		case f.Name == "envoy.filters.listener.original_dst":
			e.strip("listener filter original_dst replaced by proxy_protocol")
			lf = append(lf, proxyFilter())
			proxied = true
		case f.Name == "envoy.filters.listener.original_src":
			e.strip("listener filter original_src")
		case foreign(f.Name, f.GetTypedConfig()):
			e.strip("listener filter " + f.Name)
		default:
			if f.Name == "envoy.filters.listener.proxy_protocol" {
				proxied = true
			}
			lf = append(lf, f)
		}
	}
	bound := l.BindToPort == nil || l.BindToPort.Value
	if bound && !proxied {
		lf = append([]*listener.ListenerFilter{proxyFilter()}, lf...)
	}
	l.ListenerFilters = lf
	chains := l.FilterChains
	if l.DefaultFilterChain != nil {
		chains = append(append([]*listener.FilterChain{}, chains...), l.DefaultFilterChain)
	}
	for _, c := range chains {
		if c.TransportSocket != nil {
			e.fixSocket(c.TransportSocket, secrets, nil)
		}
		var fs []*listener.Filter
		for _, f := range c.Filters {
			a := f.GetTypedConfig()
			if port := c.GetFilterChainMatch().GetDestinationPort().GetValue(); dir == "in" && port != 0 {
				e.takes[port] = e.takes[port] || a.MessageIs(&hcm.HttpConnectionManager{})
			}
			if foreign(f.Name, a) {
				e.strip("network filter " + f.Name)
				continue
			}
			switch {
			case strings.HasSuffix(f.Name, "sni_dynamic_forward_proxy"):
				e.strip("network filter " + f.Name + ": no name is looked up")
				continue
			case a.MessageIs(&hcm.HttpConnectionManager{}):
				h := &hcm.HttpConnectionManager{}
				if err := a.UnmarshalTo(h); err != nil {
					panic(err)
				}
				e.fixHCM(h, dir, rds, httpUse)
				f.ConfigType = &listener.Filter_TypedConfig{TypedConfig: pack(h)}
			case a.MessageIs(&tcpproxy.TcpProxy{}):
				t := &tcpproxy.TcpProxy{}
				if err := a.UnmarshalTo(t); err != nil {
					panic(err)
				}
				t.AccessLog = logFormat(e, "tcp-"+dir)
				if dir != "in" {
					switch s := t.ClusterSpecifier.(type) {
					case *tcpproxy.TcpProxy_Cluster:
						tcpUse[s.Cluster] = true
						s.Cluster += "#tcp"
					case *tcpproxy.TcpProxy_WeightedClusters:
						for _, x := range s.WeightedClusters.Clusters {
							tcpUse[x.Name] = true
							x.Name += "#tcp"
						}
					}
				}
				f.ConfigType = &listener.Filter_TypedConfig{TypedConfig: pack(t)}
			case strings.HasPrefix(f.Name, "envoy.filters.network.rbac"):
				f.ConfigType = &listener.Filter_TypedConfig{TypedConfig: e.fixRBAC(a)}
			case a.MessageIs(&netextauthz.ExtAuthz{}):
				x := &netextauthz.ExtAuthz{}
				_ = a.UnmarshalTo(x)
				x.GrpcService = authzService()
				e.strip("network ext_authz provider replaced by a stub")
				f.ConfigType = &listener.Filter_TypedConfig{TypedConfig: pack(x)}
			}
			fs = append(fs, f)
		}
		c.Filters = fs
	}
}

func proxyFilter() *listener.ListenerFilter {
	return &listener.ListenerFilter{
		Name:       "envoy.filters.listener.proxy_protocol",
		ConfigType: &listener.ListenerFilter_TypedConfig{TypedConfig: pack(&proxyproto.ProxyProtocol{})},
	}
}

func authzService() *core.GrpcService {
	return &core.GrpcService{
		TargetSpecifier: &core.GrpcService_EnvoyGrpc_{EnvoyGrpc: &core.GrpcService_EnvoyGrpc{ClusterName: "behavior-ext-authz"}},
		Timeout:         durationpb.New(5 * time.Second),
	}
}

func (e *envoy) fixHCM(h *hcm.HttpConnectionManager, dir string, rds map[string]*route.RouteConfiguration, httpUse map[string]bool) {
	h.AccessLog = logFormat(e, dir)
	h.AccessLogOptions = nil
	if h.Tracing != nil {
		h.Tracing = nil
		e.strip("tracing")
	}
	switch r := h.RouteSpecifier.(type) {
	case *hcm.HttpConnectionManager_Rds:
		name := r.Rds.RouteConfigName
		rc := rds[name]
		if rc == nil {
			rc = &route.RouteConfiguration{Name: name}
		}
		rc = proto.Clone(rc).(*route.RouteConfiguration)
		e.fixRoutes(rc, httpUse)
		h.RouteSpecifier = &hcm.HttpConnectionManager_RouteConfig{RouteConfig: rc}
	case *hcm.HttpConnectionManager_RouteConfig:
		if dir != "in" {
			e.fixRoutes(r.RouteConfig, httpUse)
		} else {
			for _, vh := range r.RouteConfig.VirtualHosts {
				for _, x := range vh.Routes {
					if ra := x.GetRoute(); ra != nil {
						ra.RetryPolicy = nil
					}
					x.Decorator = nil
				}
			}
		}
	}
	var fs []*hcm.HttpFilter
	for _, f := range h.HttpFilters {
		a := f.GetTypedConfig()
		switch {
		case foreign(f.Name, a):
			e.strip("http filter " + f.Name)
			continue
		case a.MessageIs(&statefulsession.StatefulSession{}):
			e.strip("http filter stateful_session (persistent sessions)")
			continue
		case a.MessageIs(&extauthz.ExtAuthz{}):
			x := &extauthz.ExtAuthz{}
			_ = a.UnmarshalTo(x)
			x.Services = &extauthz.ExtAuthz_GrpcService{GrpcService: authzService()}
			x.TransportApiVersion = core.ApiVersion_V3
			x.AllowedHeaders, x.DisallowedHeaders = nil, nil
			e.strip("http ext_authz provider replaced by a stub")
			f.ConfigType = &hcm.HttpFilter_TypedConfig{TypedConfig: pack(x)}
		case a.MessageIs(&ratelimit.RateLimit{}):
			x := &ratelimit.RateLimit{}
			_ = a.UnmarshalTo(x)
			g := x.GetRateLimitService().GetGrpcService().GetEnvoyGrpc()
			if !e.known[g.GetClusterName()] {
				break // a proxy that does not know the service asks in vain
			}
			g.ClusterName = "behavior-rate-limits"
			x.Timeout = durationpb.New(5 * time.Second)
			e.strip("rate-limit service replaced by a stub, or by the one of -rate-limits")
			f.ConfigType = &hcm.HttpFilter_TypedConfig{TypedConfig: pack(x)}
		case strings.HasPrefix(f.Name, "envoy.filters.http.rbac"):
			f.ConfigType = &hcm.HttpFilter_TypedConfig{TypedConfig: e.fixRBAC(a)}
		case strings.HasPrefix(f.Name, "envoy.filters.http.router") && dir != "in":
			fs = append(fs, &hcm.HttpFilter{
				Name: "envoy.filters.http.stateful_session",
				ConfigType: &hcm.HttpFilter_TypedConfig{TypedConfig: pack(&statefulsession.StatefulSession{
					Strict: true,
					SessionState: &core.TypedExtensionConfig{
						Name: "envoy.http.stateful_session.header", TypedConfig: pack(&headersession.HeaderBasedSessionState{Name: hdrEndpoint}),
					},
				})},
			})
		}
		fs = append(fs, f)
	}
	h.HttpFilters = fs
}

// stripPerFilter keeps a fault only if it always aborts; delays and draws would make results random.
func (e *envoy) stripPerFilter(m map[string]*anypb.Any) map[string]*anypb.Any {
	for k, a := range m {
		if strings.HasPrefix(k, "istio.") || k == "envoy.filters.http.stateful_session" {
			delete(m, k)
		}
		if k == "envoy.filters.http.fault" {
			f := &fault.HTTPFault{}
			_ = a.UnmarshalTo(f)
			p := f.GetAbort().GetPercentage()
			full := map[typev3.FractionalPercent_DenominatorType]uint32{0: 100, 1: 10000, 2: 1000000}[p.GetDenominator()]
			if f.Abort != nil && p.GetNumerator() >= full {
				f.Delay = nil
				m[k] = pack(f)
			} else {
				delete(m, k)
				e.strip("fault (a delay, or an abort below 100%)")
			}
		}
	}
	return m
}

func (e *envoy) fixRoutes(rc *route.RouteConfiguration, httpUse map[string]bool) {
	for _, vh := range rc.VirtualHosts {
		vh.RetryPolicy = nil
		vh.TypedPerFilterConfig = e.stripPerFilter(vh.TypedPerFilterConfig)
		for i, r := range vh.Routes {
			id := fmt.Sprintf("%s|%s|%d", rc.Name, vh.Name, i)
			e.routes[id] = &routeInfo{rc.Name, vh.Name, vh.Domains, i, proto.Clone(r).(*route.Route)}
			r.Name = id
			r.Decorator = nil
			r.TypedPerFilterConfig = e.stripPerFilter(r.TypedPerFilterConfig)
			a := r.GetRoute()
			if a == nil {
				continue
			}
			a.RetryPolicy = nil
			a.Timeout = durationpb.New(0) // a busy machine is slow
			a.RequestMirrorPolicies = nil
			if c := a.GetCluster(); c != "" {
				httpUse[c] = true
			}
			if wc := a.GetWeightedClusters(); wc != nil {
				wc.RandomValueSpecifier = &route.WeightedCluster_HeaderName{HeaderName: hdrPick}
				for _, c := range wc.Clusters {
					httpUse[c.Name] = true
				}
			}
		}
	}
}

// --- clusters ---

func (e *envoy) fixCluster(c *cluster.Cluster, push *model.PushContext, secrets map[string]*tlsv3.Secret, http bool) {
	c.ConnectTimeout = durationpb.New(30 * time.Second) // the Envoy behind may have to start first
	ext := func() *endpoint.ClusterLoadAssignment {
		addr := e.s.externalRelay(e.w, c.Name)
		e.eps[c.Name] = []epInfo{{addr: addr}}
		return assignment(c.Name, addr)
	}
	echoOnly := func() *endpoint.ClusterLoadAssignment {
		var port uint32
		fmt.Sscanf(c.Name, "inbound|%d|", &port)
		return assignment(c.Name, e.s.appAddr(e.w, port))
	}
	var cla *endpoint.ClusterLoadAssignment
	inbound := strings.HasPrefix(c.Name, "inbound|") || strings.HasPrefix(c.Name, "Inbound")
	switch t := c.GetType(); {
	case c.Name == "BlackHoleCluster":
	case inbound:
		cla = echoOnly()
	case t == cluster.Cluster_EDS:
		b := endpoints.NewEndpointBuilder(c.Name, e.proxy, push)
		cla = proto.Clone(b.BuildClusterLoadAssignment(e.s.ds.Discovery.Env.EndpointIndex)).(*endpoint.ClusterLoadAssignment)
		e.relocate(c.Name, cla)
	case c.LoadAssignment != nil && len(c.LoadAssignment.Endpoints) > 0:
		cla = c.LoadAssignment
		e.relocate(c.Name, cla)
	case t == cluster.Cluster_ORIGINAL_DST && strings.HasPrefix(c.Name, "outbound|"):
		// a headless service: all its pods, whatever address the client dialled
		_, _, host, port := model.ParseSubsetKey(c.Name)
		var addrs []string
		for _, x := range e.s.serviceEndpoints(string(host), uint32(port)) {
			a := e.s.relay(x.ip, x.port)
			x.addr = a
			addrs = append(addrs, a)
			e.eps[c.Name] = append(e.eps[c.Name], x)
		}
		if len(addrs) > 0 {
			cla = assignment(c.Name, addrs...)
		} else {
			cla = ext()
		}
		e.strip("ORIGINAL_DST cluster of a headless service made static")
	case c.GetClusterType() != nil || t == cluster.Cluster_ORIGINAL_DST:
		cla = ext()
	}
	c.ClusterDiscoveryType = &cluster.Cluster_Type{Type: cluster.Cluster_STATIC}
	c.EdsClusterConfig = nil
	if cla != nil {
		cla.ClusterName = c.Name
	}
	c.LoadAssignment = cla
	c.OutlierDetection, c.CircuitBreakers, c.HealthChecks, c.UpstreamBindConfig, c.Filters = nil, nil, nil, nil, nil
	c.DnsLookupFamily = cluster.Cluster_AUTO //nolint
	c.CleanupInterval = nil
	if c.LbPolicy == cluster.Cluster_CLUSTER_PROVIDED {
		c.LbPolicy = cluster.Cluster_ROUND_ROBIN
	}
	if _, ok := c.LbConfig.(*cluster.Cluster_OriginalDstLbConfig_); ok {
		c.LbConfig = nil
	}
	options := oncePerConnection(c)
	var alpn []string
	if http {
		alpn = []string{"istio-http/1.1", "istio", "http/1.1"}
		if options.GetExplicitHttpConfig().GetHttp2ProtocolOptions() != nil {
			alpn = []string{"istio-h2", "istio", "h2"}
		}
		if v := c.GetMetadata().GetFilterMetadata()["istio"].GetFields()["alpn_override"]; v.GetStringValue() == "false" {
			alpn = nil
		}
	}
	if c.TransportSocket != nil {
		e.fixSocket(c.TransportSocket, secrets, alpn)
	}
	for _, m := range c.TransportSocketMatches {
		e.fixSocket(m.TransportSocket, secrets, alpn)
	}
}

const httpOptions = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"

// oncePerConnection makes the cluster's proxy connect anew for each request: what a filter of connections has once let through would
// else carry later requests that it refuses.
func oncePerConnection(c *cluster.Cluster) *httpopts.HttpProtocolOptions {
	o := &httpopts.HttpProtocolOptions{}
	if a := c.TypedExtensionProtocolOptions[httpOptions]; a != nil {
		if err := a.UnmarshalTo(o); err != nil {
			panic(err)
		}
	}
	if o.UpstreamProtocolOptions == nil { // what Envoy does without options
		o.UpstreamProtocolOptions = &httpopts.HttpProtocolOptions_ExplicitHttpConfig_{ExplicitHttpConfig: &httpopts.HttpProtocolOptions_ExplicitHttpConfig{
			ProtocolConfig: &httpopts.HttpProtocolOptions_ExplicitHttpConfig_HttpProtocolOptions{HttpProtocolOptions: &core.Http1ProtocolOptions{}},
		}}
	}
	if o.CommonHttpProtocolOptions == nil {
		o.CommonHttpProtocolOptions = &core.HttpProtocolOptions{}
	}
	o.CommonHttpProtocolOptions.MaxRequestsPerConnection = wrapperspb.UInt32(1)
	if c.TypedExtensionProtocolOptions == nil {
		c.TypedExtensionProtocolOptions = map[string]*anypb.Any{}
	}
	c.TypedExtensionProtocolOptions[httpOptions] = pack(o)
	return o
}

func assignment(name string, addrs ...string) *endpoint.ClusterLoadAssignment {
	ll := &endpoint.LocalityLbEndpoints{}
	for _, a := range addrs {
		ll.LbEndpoints = append(ll.LbEndpoints, &endpoint.LbEndpoint{HostIdentifier: &endpoint.LbEndpoint_Endpoint{Endpoint: &endpoint.Endpoint{Address: sockAddr(a)}}})
	}
	return &endpoint.ClusterLoadAssignment{ClusterName: name, Endpoints: []*endpoint.LocalityLbEndpoints{ll}}
}

func (e *envoy) relocate(name string, cla *endpoint.ClusterLoadAssignment) {
	e.eps[name] = nil
	for _, l := range cla.Endpoints {
		for _, x := range l.LbEndpoints {
			ep := x.GetEndpoint()
			sa := ep.GetAddress().GetSocketAddress()
			info := epInfo{}
			if sa != nil {
				info.ip, info.port = sa.Address, sa.GetPortValue()
				info.w = e.s.world.byIP[sa.Address]
			}
			if info.w != nil {
				info.addr = e.s.relay(info.ip, info.port)
			} else {
				info.addr = e.s.externalRelay(e.w, name)
			}
			e.eps[name] = append(e.eps[name], info)
			ep.Address = sockAddr(info.addr)
			ep.HealthCheckConfig, ep.AdditionalAddresses = nil, nil
			ep.Hostname = ""
		}
	}
	if cla.Policy != nil {
		cla.Policy.DropOverloads = nil
	}
}

func grpcCluster(name, addr string) *cluster.Cluster {
	return &cluster.Cluster{
		Name: name, ClusterDiscoveryType: &cluster.Cluster_Type{Type: cluster.Cluster_STATIC},
		LoadAssignment: assignment(name, addr), ConnectTimeout: durationpb.New(2 * time.Second),
		TypedExtensionProtocolOptions: map[string]*anypb.Any{httpOptions: pack(&httpopts.HttpProtocolOptions{
			UpstreamProtocolOptions: &httpopts.HttpProtocolOptions_ExplicitHttpConfig_{ExplicitHttpConfig: &httpopts.HttpProtocolOptions_ExplicitHttpConfig{
				ProtocolConfig: &httpopts.HttpProtocolOptions_ExplicitHttpConfig_Http2ProtocolOptions{Http2ProtocolOptions: &core.Http2ProtocolOptions{}},
			}},
		})},
	}
}

// --- process ---

func (e *envoy) generate() error {
	s := e.s
	typ := model.SidecarProxy
	if e.w.Router {
		typ = model.Router
	}
	p := &model.Proxy{
		Type: typ, IPAddresses: []string{e.w.IP}, ID: e.w.Name + "." + e.w.Namespace, ConfigNamespace: e.w.Namespace,
		Labels: e.w.Labels,
		Metadata: &model.NodeMetadata{
			Namespace: e.w.Namespace, Labels: e.w.Labels, ServiceAccount: e.w.ServiceAccount, ClusterID: "Kubernetes",
			IstioVersion: s.opt.istioVersion, WorkloadName: e.w.Name, NodeName: "node",
		},
	}
	// as the agent does, which merges the annotation of the pod into the mesh's defaultConfig
	if own := e.w.Annotations["proxy.istio.io/config"]; own != "" {
		merged, err := mesh.ApplyProxyConfig(own, s.mc)
		if err != nil {
			return fmt.Errorf("proxy.istio.io/config of %s: %w", e.w.key(), err)
		}
		p.Metadata.ProxyConfig = (*model.NodeMetaProxyConfig)(merged.DefaultConfig)
	}
	s.genMu.Lock()
	defer s.genMu.Unlock()
	t0 := time.Now()
	e.proxy = s.ds.SetupProxy(p)
	push := s.ds.PushContext()
	ls := s.ds.Listeners(e.proxy)
	cs := s.ds.Clusters(e.proxy)
	e.known = map[string]bool{}
	for _, c := range cs {
		e.known[c.Name] = true
	}
	rds := map[string]*route.RouteConfiguration{}
	for _, r := range s.ds.RoutesFromListeners(e.proxy, onceEach(ls)) {
		rds[r.Name] = r
	}
	crt, key := pemPair(s.pki.leaf(s.spiffe(e.w.Namespace, e.w.ServiceAccount)))
	secrets := map[string]*tlsv3.Secret{"default": certSecret("default", crt, key), "ROOTCA": caSecret("ROOTCA", s.pki.caPEM)}
	httpUse, tcpUse := map[string]bool{}, map[string]bool{}
	b := &bootstrap.Bootstrap{
		Node:            &core.Node{Id: e.proxy.ID, Cluster: e.w.Name},
		StaticResources: &bootstrap.Bootstrap_StaticResources{},
		ClusterManager: &bootstrap.ClusterManager{UpstreamBindConfig: &core.BindConfig{SourceAddress: &core.SocketAddress{
			Address: e.source, PortSpecifier: &core.SocketAddress_PortValue{PortValue: 0},
		}}},
		LayeredRuntime: &bootstrap.LayeredRuntime{Layers: []*bootstrap.RuntimeLayer{{
			Name: "istio", LayerSpecifier: &bootstrap.RuntimeLayer_StaticLayer{StaticLayer: must(structpb.NewStruct(map[string]any{
				"re2.max_program_size.error_level":                               "32768",
				"envoy.reloadable_features.http_reject_path_with_fragment":       false,
				"envoy.reloadable_features.coalesce_lb_rebuilds_on_batch_update": false,
			}))},
		}}},
	}
	for _, l := range ls {
		l = proto.Clone(l).(*listener.Listener)
		e.fixListener(l, rds, secrets, httpUse, tcpUse)
		e.lnames[l.Name] = true
		if l.BindToPort == nil || l.BindToPort.Value {
			port := l.GetAddress().GetSocketAddress().GetPortValue()
			path := filepath.Join(e.dir, fmt.Sprintf("%d", port))
			l.Address = pipeAddr(path)
			l.AdditionalAddresses = nil
			switch {
			case l.Name == "virtualOutbound":
				e.outbound = path
			case l.Name == "virtualInbound":
				e.inbound = path
			default:
				e.gateway[port] = path
			}
		}
		b.StaticResources.Listeners = append(b.StaticResources.Listeners, l)
	}
	for _, c := range cs {
		c = proto.Clone(c).(*cluster.Cluster)
		e.clusters[c.Name] = proto.Clone(c).(*cluster.Cluster)
		if tcpUse[c.Name] {
			t := proto.Clone(c).(*cluster.Cluster)
			e.fixCluster(t, push, secrets, false)
			t.Name += "#tcp"
			if t.LoadAssignment != nil {
				t.LoadAssignment.ClusterName = t.Name
			}
			b.StaticResources.Clusters = append(b.StaticResources.Clusters, t)
		}
		e.fixCluster(c, push, secrets, true)
		b.StaticResources.Clusters = append(b.StaticResources.Clusters, c)
	}
	b.StaticResources.Clusters = append(b.StaticResources.Clusters,
		grpcCluster("behavior-ext-authz", s.authzAddr), grpcCluster("behavior-rate-limits", s.limitsAddr))
	for _, n := range sortedKeys(secrets) {
		b.StaticResources.Secrets = append(b.StaticResources.Secrets, secrets[n])
	}
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(b)
	if err != nil {
		return err
	}
	e.genTime = time.Since(t0)
	if s.opt.dump != "" {
		dumpBootstrap(filepath.Join(s.opt.dump, strings.ReplaceAll(e.w.key(), "/", "_")+".json"), b)
	}
	return os.WriteFile(filepath.Join(e.dir, "b.pb"), raw, 0o600)
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func (e *envoy) start() error {
	e.once.Do(func() {
		if e.err = e.generate(); e.err != nil {
			return
		}
		t0 := time.Now()
		e.cmd = exec.Command(e.s.opt.envoy, "-c", filepath.Join(e.dir, "b.pb"), "--concurrency", "1", "--disable-hot-restart", "-l", "warning",
			"--file-flush-interval-msec", "2", "--drain-time-s", "1", "--log-format", "%l %n %v")
		out, err := e.cmd.StdoutPipe()
		if err != nil {
			e.err = err
			return
		}
		e.cmd.Stderr = &e.stderr
		setDeathSig(e.cmd)
		if e.err = e.s.spawn(e.cmd); e.err != nil {
			return
		}
		go func() {
			sc := bufio.NewScanner(out)
			sc.Buffer(make([]byte, 1<<16), 1<<20)
			for sc.Scan() {
				e.s.logLine(sc.Bytes())
			}
		}()
		dead := make(chan struct{})
		go func() { _ = e.cmd.Wait(); close(dead) }()
		want := []string{}
		for _, p := range []string{e.outbound, e.inbound} {
			if p != "" {
				want = append(want, p)
			}
		}
		for _, p := range e.gateway {
			want = append(want, p)
		}
		deadline := time.Now().Add(30 * time.Second)
		for _, p := range want {
			for {
				c, err := net.Dial("unix", p)
				if err == nil {
					c.Close()
					break
				}
				select {
				case <-dead:
					e.err = fmt.Errorf("envoy of %s refused its configuration: %s", e.w.key(), complaint(e.stderr.String()))
					return
				case <-time.After(3 * time.Millisecond):
				}
				if time.Now().After(deadline) {
					e.err = fmt.Errorf("envoy of %s not ready", e.w.key())
					return
				}
			}
		}
		e.startup = time.Since(t0)
	})
	return e.err
}

// complaint is what Envoy said, without its warnings.
func complaint(s string) string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l != "" && !strings.HasPrefix(l, "warning ") {
			out = append(out, l)
		}
	}
	return strings.Join(out, " | ")
}

type logEntry struct {
	W       string `json:"w"`
	Dir     string `json:"dir"`
	ID      string `json:"id"`
	Route   string `json:"route"`
	Cluster string `json:"cluster"`
	Code    int    `json:"code"`
	Details string `json:"details"`
	Flags   string `json:"flags"`
	Peer    string `json:"peer"`
	TLS     string `json:"tls"`
	UHost   string `json:"uhost"`
	UTLS    string `json:"utls"`
	UPeer   string `json:"upeer"`
	UOwn    string `json:"uown"`
	UFail   string `json:"ufail"`
	Term    string `json:"term"`
	DFail   string `json:"dfail"`
	Chain   string `json:"chain"`
	Local   string `json:"local"`
	Remote  string `json:"remote"`
	SNI     string `json:"sni"`
}

func (s *server) logLine(b []byte) {
	l := logEntry{}
	if json.Unmarshal(b, &l) != nil {
		return
	}
	s.logMu.Lock()
	if strings.HasPrefix(l.Dir, "l-") || strings.HasPrefix(l.Dir, "tcp-") {
		s.connLogs = append(s.connLogs, l)
		if len(s.connLogs) > 4000 {
			s.connLogs = s.connLogs[2000:]
		}
	}
	if l.ID != "" {
		s.logs[l.ID] = append(s.logs[l.ID], l)
	}
	s.logMu.Unlock()
	s.logCond.Broadcast()
}
