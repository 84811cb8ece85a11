package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	meshconfig "istio.io/api/mesh/v1alpha1"
	networking "istio.io/api/networking/v1alpha3"
	pilotcrd "istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh/labelselector"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/kube"
)

// workload is one pod: the unit that owns a proxy (or none) and an identity.
type workload struct {
	Namespace, Name, ServiceAccount string
	Labels                          map[string]string
	Annotations                     map[string]string
	IP                              string
	Injected                        bool // has a sidecar (or is a gateway proxy)
	Router                          bool // a gateway proxy
	Origin                          string
	from                            string           // the address that a request says it dials from, if not its own
	ports                           map[string]int32 // named container ports
}

func (w *workload) key() string { return w.Namespace + "/" + w.Name }

// takes tells whether the workload's proxy takes what arrives at a port. The rules of iptables that the annotation makes in the
// pod (see tools/istio-iptables of istio/istio) are the network's part here.
func (w *workload) takes(port uint32) bool {
	if !w.Injected || w.Router {
		return w.Injected
	}
	return !slices.ContainsFunc(strings.Split(w.Annotations["traffic.sidecar.istio.io/excludeInboundPorts"], ","), func(word string) bool {
		return strings.TrimSpace(word) == strconv.Itoa(int(port))
	})
}

// isBehind tells whether a Service selects the workload; a caller that no manifest has is behind none.
func (w *workload) isBehind(s *corev1.Service) bool {
	isMade := w.Origin == "request" && !w.Router
	return !isMade && w.Namespace == s.Namespace && len(s.Spec.Selector) > 0 && subset(s.Spec.Selector, w.Labels)
}

// isMachine tells whether the workload is a virtual machine, of which Kubernetes knows nothing.
func (w *workload) isMachine() bool { return w.Origin == "WorkloadEntry" }

// source is the address that others see the workload dial from.
func (w *workload) source() string {
	if w.from != "" {
		return w.from
	}
	return w.IP
}

// dialsFrom is the workload at another address: to its own proxy the same, to all others not.
func (w *workload) dialsFrom(ip string) *workload {
	moved := *w
	moved.from = ip
	return &moved
}

// world is what the folder says, in the form Istio's fake discovery server takes.
type world struct {
	kube      []runtime.Object
	configs   []config.Config
	workloads []*workload
	byIP      map[string]*workload
	services  []*corev1.Service
	slices    map[string]bool // namespace/service that has endpoints of its own
	ns        map[string]*corev1.Namespace
	ignored   map[string]int
	notes     []string
	invalid   []string
	gwSel     []map[string]string // selectors of Gateway objects
	seHosts   map[string]string   // ServiceEntry host -> first address
	podN      int
	mesh      string // the MeshConfig of the folder, YAML
	svcN      int
}

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (w *world) note(f string, a ...any) { w.notes = append(w.notes, fmt.Sprintf(f, a...)) }

func subset(want, have map[string]string) bool {
	for k, v := range want {
		if have[k] != v {
			return false
		}
	}
	return true
}

func manifestFiles(args []string) []string {
	var out []string
	for _, a := range args {
		_ = filepath.WalkDir(a, func(p string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (strings.HasSuffix(p, ".yaml") || strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".json")) {
				out = append(out, p)
			}
			return err
		})
	}
	sort.Strings(out)
	return out
}

type podTemplate struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     corev1.PodSpec    `json:"spec"`
}

func load(args []string, jwks func(orig string) string) (*world, error) {
	w := &world{byIP: map[string]*workload{}, slices: map[string]bool{}, ns: map[string]*corev1.Namespace{}, ignored: map[string]int{}, seHosts: map[string]string{}}
	decode := kube.IstioCodec.UniversalDeserializer().Decode
	for _, path := range manifestFiles(args) {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		dec := kubeyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
		for {
			doc, err := dec.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			if len(bytes.TrimSpace(doc)) == 0 {
				continue
			}
			m := map[string]any{}
			if err := yaml.Unmarshal(doc, &m); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			docs := []map[string]any{m}
			if k, _ := m["kind"].(string); strings.HasSuffix(k, "List") && m["items"] != nil {
				docs = nil
				for _, it := range m["items"].([]any) {
					if im, ok := it.(map[string]any); ok {
						docs = append(docs, im)
					}
				}
			}
			for _, m := range docs {
				if err := w.add(m, decode, jwks); err != nil {
					return nil, fmt.Errorf("%s: %w", path, err)
				}
			}
		}
	}
	return w, nil
}

func (w *world) add(m map[string]any, decode func([]byte, *schema.GroupVersionKind, runtime.Object) (runtime.Object, *schema.GroupVersionKind, error), jwks func(string) string) error {
	kind, _ := m["kind"].(string)
	api, _ := m["apiVersion"].(string)
	if kind == "" || api == "" {
		return nil
	}
	meta, _ := m["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
		m["metadata"] = meta
	}
	for _, f := range []string{"name", "namespace"} {
		if v, ok := meta[f]; ok && v != nil {
			if _, ok := v.(string); !ok {
				return fmt.Errorf("%s: metadata.%s is %v, not a string (quote it)", kind, f, v)
			}
		}
	}
	if ns, _ := meta["namespace"].(string); ns == "" && kind != "Namespace" && kind != "Node" && kind != "GatewayClass" {
		meta["namespace"] = "default"
	}
	group := ""
	if i := strings.Index(api, "/"); i > 0 {
		group = api[:i]
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s %v/%v", kind, meta["namespace"], meta["name"])
	switch {
	case kind == "IstioOperator":
		spec, _ := m["spec"].(map[string]any)
		return w.setMesh(spec["meshConfig"])
	case strings.HasSuffix(group, "istio.io"):
		gv, err := schema.ParseGroupVersion(api)
		if err != nil {
			return err
		}
		_, ok := collections.Pilot.FindByGroupVersionAliasesKind(config.FromKubernetesGVK(gv.WithKind(kind)))
		if !ok {
			w.ignored[kind]++
			return nil
		}
		spec, _ := m["spec"].(map[string]any)
		switch kind {
		case "RequestAuthentication":
			if rules, ok := spec["jwtRules"].([]any); ok {
				for _, r := range rules {
					if rm, ok := r.(map[string]any); ok {
						orig, _ := rm["jwks"].(string)
						if orig == "" {
							w.note("%s: keys of issuer %v are not inline: replaced by the harness key", name, rm["issuer"])
						}
						delete(rm, "jwksUri")
						delete(rm, "jwks_uri")
						rm["jwks"] = jwks(orig)
					}
				}
			}
		case "Gateway":
			sel := map[string]string{}
			if sm, ok := spec["selector"].(map[string]any); ok {
				for k, v := range sm {
					sel[k] = fmt.Sprint(v)
				}
			}
			w.gwSel = append(w.gwSel, sel)
		case "ServiceEntry":
			addr := ""
			if as, ok := spec["addresses"].([]any); ok && len(as) > 0 {
				addr = strings.SplitN(fmt.Sprint(as[0]), "/", 2)[0]
			}
			if addr == "0.0.0.0" { // of 0.0.0.0/0, which is no address to dial
				addr = ""
			}
			if hs, ok := spec["hosts"].([]any); ok {
				for _, h := range hs {
					w.seHosts[fmt.Sprint(h)] = addr
				}
			}
		}
		raw, err = yaml.Marshal(m)
		if err != nil {
			return err
		}
		cfgs, _, err := pilotcrd.ParseInputs(string(raw)) // runs Istio's validators
		if err != nil {
			// a cluster's webhook would refuse the object: it is left out, and the summary says so
			w.invalid = append(w.invalid, fmt.Sprintf("%s: %v", name, err))
			return nil
		}
		for _, c := range cfgs {
			// ParseInputs leaves Domain empty (short names would then resolve to host.namespace, unlike in a cluster), and equal
			// times make Istio's tie-breaks go by name and namespace
			c.Domain = "cluster.local"
			if c.CreationTimestamp.IsZero() {
				c.CreationTimestamp = epoch
			}
			w.configs = append(w.configs, c)
			if we, ok := c.Spec.(*networking.WorkloadEntry); ok {
				w.addMachine(c.Meta, we)
			}
		}
		return nil
	case group == "gateway.networking.k8s.io":
		obj, _, err := decode(raw, nil, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		w.kube = append(w.kube, obj)
		return nil
	}
	template := func(path ...string) error {
		var cur any = m
		for _, p := range path {
			cm, ok := cur.(map[string]any)
			if !ok {
				return nil
			}
			cur = cm[p]
		}
		b, _ := json.Marshal(cur)
		t := podTemplate{}
		if err := json.Unmarshal(b, &t); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		w.addWorkload(&workload{
			Namespace: fmt.Sprint(meta["namespace"]), Name: fmt.Sprint(meta["name"]), ServiceAccount: t.Spec.ServiceAccountName,
			Labels: t.Metadata.Labels, Annotations: t.Metadata.Annotations, Origin: kind, ports: containerPorts(t.Spec),
		})
		return nil
	}
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Rollout", "ReplicationController":
		return template("spec", "template")
	case "CronJob":
		return template("spec", "jobTemplate", "spec", "template")
	case "Service", "Namespace", "Pod", "Secret", "EndpointSlice", "Endpoints", "ConfigMap", "ServiceAccount":
		if group != "" && group != "discovery.k8s.io" {
			w.ignored[kind]++
			return nil
		}
		obj, _, err := decode(raw, nil, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		switch o := obj.(type) {
		case *corev1.Service:
			w.services = append(w.services, o)
			return nil // added once it has an address
		case *corev1.Namespace:
			w.ns[o.Name] = o
		case *corev1.Pod:
			w.addWorkload(&workload{
				Namespace: o.Namespace, Name: o.Name, ServiceAccount: o.Spec.ServiceAccountName, Labels: o.Labels,
				Annotations: o.Annotations, IP: o.Status.PodIP, Origin: "Pod", ports: containerPorts(o.Spec),
			})
			return nil
		case *discoveryv1.EndpointSlice:
			w.slices[o.Namespace+"/"+o.Labels[discoveryv1.LabelServiceName]] = true
		case *corev1.Endpoints: //nolint:staticcheck // manifests may still hold them
			w.slices[o.Namespace+"/"+o.Name] = true
		}
		w.kube = append(w.kube, obj)
	default:
		w.ignored[kind]++
	}
	return nil
}

func (w *world) setMesh(meshConfig any) error {
	if w.mesh != "" {
		return errors.New("two IstioOperators have a MeshConfig")
	}
	b, err := yaml.Marshal(meshConfig)
	w.mesh = string(b)
	return err
}

// addMachine adds the virtual machine that a WorkloadEntry stands for. It has a proxy where the object has a service account, which
// only a machine of the mesh needs.
func (w *world) addMachine(meta config.Meta, we *networking.WorkloadEntry) {
	if net.ParseIP(we.Address) == nil {
		return
	}
	l := map[string]string{}
	for _, labels := range []map[string]string{we.Labels, meta.Labels} { // as ConvertWorkloadEntry does
		for k, v := range labels {
			l[k] = v
		}
	}
	w.addWorkload(&workload{
		Namespace: meta.Namespace, Name: meta.Name, ServiceAccount: we.ServiceAccount, Labels: l, IP: we.Address,
		Injected: we.ServiceAccount != "", Origin: "WorkloadEntry",
	})
}

func containerPorts(s corev1.PodSpec) map[string]int32 {
	out := map[string]int32{}
	for _, c := range s.Containers {
		for _, p := range c.Ports {
			if p.Name != "" {
				out[p.Name] = p.ContainerPort
			}
		}
	}
	return out
}

func (w *world) addWorkload(x *workload) *workload {
	if x.ServiceAccount == "" {
		x.ServiceAccount = "default"
	}
	if x.Labels == nil {
		x.Labels = map[string]string{}
	}
	if x.IP == "" {
		w.podN++
		x.IP = fmt.Sprintf("10.244.%d.%d", w.podN/250, w.podN%250+1)
	}
	w.workloads = append(w.workloads, x)
	w.byIP[x.IP] = x
	return x
}

// callerWorkload finds the workload a request names, or makes one.
func (w *world) callerWorkload(ns, sa string, labels map[string]string, exactSA bool) *workload {
	for _, x := range w.workloads {
		if x.Namespace == ns && (x.ServiceAccount == sa || !exactSA) && subset(labels, x.Labels) && x.Origin != "service" {
			return x
		}
	}
	l := map[string]string{}
	for k, v := range labels {
		l[k] = v
	}
	return w.addWorkload(&workload{Namespace: ns, Name: fmt.Sprintf("caller-%d", len(w.workloads)), ServiceAccount: sa, Labels: l, Origin: "request"})
}

// finish gives Services addresses, decides injection and makes Pods and EndpointSlices.
func (w *world) finish() {
	seen := map[string]bool{}
	for _, s := range w.services {
		if len(s.Spec.Selector) == 0 || s.Spec.Type == corev1.ServiceTypeExternalName {
			continue
		}
		found := false
		for _, x := range w.workloads {
			if x.isBehind(s) {
				found = true
			}
		}
		if !found && !w.slices[s.Namespace+"/"+s.Name] {
			l := map[string]string{}
			for k, v := range s.Spec.Selector {
				l[k] = v
			}
			w.addWorkload(&workload{Namespace: s.Namespace, Name: s.Name + "-pod", Labels: l, Origin: "service"})
			w.note("Service %s/%s selects no workload in the folder: one pod with its selector labels and service account default was made", s.Namespace, s.Name)
		}
	}
	for _, x := range w.workloads {
		for _, sel := range w.gwSel {
			if len(sel) > 0 && subset(sel, x.Labels) {
				x.Router = true
			}
		}
		if x.Annotations["inject.istio.io/templates"] == "gateway" {
			x.Router = true
		}
		if x.isMachine() {
			x.Router = false
		} else {
			x.Injected = x.Router || w.injected(x)
		}
		if !seen[x.Namespace] && w.ns[x.Namespace] == nil {
			w.kube = append(w.kube, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: x.Namespace, Labels: map[string]string{"kubernetes.io/metadata.name": x.Namespace}}})
		}
		seen[x.Namespace] = true
		if x.isMachine() {
			continue
		}
		if x.Injected && !x.Router { // the gateway template does not set the label
			x.Labels["security.istio.io/tlsMode"] = "istio"
		}
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: x.Name, Namespace: x.Namespace, Labels: x.Labels, Annotations: x.Annotations},
			Spec:       corev1.PodSpec{ServiceAccountName: x.ServiceAccount, NodeName: "node"},
			Status: corev1.PodStatus{
				Phase: corev1.PodRunning, PodIP: x.IP, PodIPs: []corev1.PodIP{{IP: x.IP}},
				Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			},
		}
		c := corev1.Container{Name: "app"}
		for n, p := range x.ports {
			c.Ports = append(c.Ports, corev1.ContainerPort{Name: n, ContainerPort: p, Protocol: corev1.ProtocolTCP}) // as the API server would
		}
		pod.Spec.Containers = []corev1.Container{c}
		w.kube = append(w.kube, pod)
	}
	for _, s := range w.services {
		if s.Spec.ClusterIP == "" && s.Spec.Type != corev1.ServiceTypeExternalName {
			w.svcN++
			s.Spec.ClusterIP = fmt.Sprintf("10.96.%d.%d", w.svcN/250, w.svcN%250+1)
			s.Spec.ClusterIPs = []string{s.Spec.ClusterIP}
		}
		for i := range s.Spec.Ports {
			p := &s.Spec.Ports[i]
			if p.Protocol == "" {
				p.Protocol = corev1.ProtocolTCP
			}
			if p.TargetPort.Type == intstr.Int && p.TargetPort.IntVal == 0 {
				p.TargetPort = intstr.FromInt32(p.Port)
			}
		}
		w.kube = append(w.kube, s)
		if w.slices[s.Namespace+"/"+s.Name] || len(s.Spec.Selector) == 0 {
			continue
		}
		slice := &discoveryv1.EndpointSlice{
			ObjectMeta:  metav1.ObjectMeta{Name: s.Name + "-x", Namespace: s.Namespace, Labels: map[string]string{discoveryv1.LabelServiceName: s.Name}},
			AddressType: discoveryv1.AddressTypeIPv4,
		}
		ready := true
		var first *workload
		for _, x := range w.workloads {
			if x.isBehind(s) && !x.isMachine() {
				if first == nil {
					first = x
				}
				slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
					Addresses:  []string{x.IP},
					Conditions: discoveryv1.EndpointConditions{Ready: &ready},
					TargetRef:  &corev1.ObjectReference{Kind: "Pod", Name: x.Name, Namespace: x.Namespace},
				})
			}
		}
		for i := range s.Spec.Ports {
			p := s.Spec.Ports[i]
			tp := targetPort(p, first)
			slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &p.Name, Port: &tp, Protocol: &p.Protocol, AppProtocol: p.AppProtocol})
		}
		w.kube = append(w.kube, slice)
	}
}

// discover leaves out Istio's objects in namespaces that istiod does not look into. The fake discovery server does so with those of
// Kubernetes alone; istiod's client for Istio's objects has the same filter (pilot/pkg/config/kube/crdclient).
func (w *world) discover(selectors []*meshconfig.LabelSelector) error {
	seen := map[string]bool{}
	for _, o := range w.kube {
		ns, ok := o.(*corev1.Namespace)
		if !ok {
			continue
		}
		if ns.Labels == nil {
			ns.Labels = map[string]string{}
		}
		ns.Labels[corev1.LabelMetadataName] = ns.Name // as the API server does
		for _, s := range selectors {
			selector, err := labelselector.LabelSelectorAsSelector(s)
			if err != nil {
				return err
			}
			seen[ns.Name] = seen[ns.Name] || selector.Matches(labels.Set(ns.Labels))
		}
	}
	if len(selectors) > 0 {
		w.configs = slices.DeleteFunc(w.configs, func(c config.Config) bool { return !seen[c.Namespace] })
	}
	return nil
}

func targetPort(p corev1.ServicePort, x *workload) int32 {
	if p.TargetPort.Type == intstr.String {
		if x != nil {
			if n, ok := x.ports[p.TargetPort.StrVal]; ok {
				return n
			}
		}
		return p.Port
	}
	if p.TargetPort.IntVal != 0 {
		return p.TargetPort.IntVal
	}
	return p.Port
}

// injected follows the webhook: the pod's label, then the namespace's; a namespace the folder does not declare counts as injected.
func (w *world) injected(x *workload) bool {
	n := w.ns[x.Namespace]
	if n != nil && n.Labels["istio-injection"] != "" && n.Labels["istio-injection"] != "enabled" {
		return false // no webhook is asked: see mutatingwebhook.yaml of the chart
	}
	switch x.Labels["sidecar.istio.io/inject"] {
	case "true":
		return true
	case "false":
		return false
	}
	if x.Annotations["sidecar.istio.io/inject"] == "false" {
		return false
	}
	if x.Labels["istio.io/rev"] != "" {
		return true
	}
	return n == nil || n.Labels["istio-injection"] == "enabled" || n.Labels["istio.io/rev"] != ""
}
