// clusters FILE: what istiod of one cluster knows of a mesh over several.
//
// The file is JSON: the name of the cluster, the Kubernetes objects of each cluster and the objects of Istio in this one, both as
// YAML, and the proxies to ask for. Prints for each proxy the endpoints of each of its clusters that istiod discovers, and the names
// by which an east-west gateway passes connections on.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pilot/test/xdstest"
	"istio.io/istio/pkg/cluster"
	"istio.io/istio/pkg/log"
	agent "istio.io/istio/pkg/model"
	"istio.io/istio/pkg/network"
	"istio.io/istio/pkg/test"
)

type proxy struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace"`
	IP        string            `json:"ip"`
	Labels    map[string]string `json:"labels"`
	Network   string            `json:"network"`
	IsGateway bool              `json:"isGateway"`
}

type question struct {
	Cluster string                `json:"cluster"`
	Objects map[cluster.ID]string `json:"objects"`
	Config  string                `json:"config"`
	Proxies []proxy               `json:"proxies"`
}

type answer struct {
	Endpoints map[string][]string `json:"endpoints"`
	Names     []string            `json:"names"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var q question
	if err := json.Unmarshal(text, &q); err != nil {
		return err
	}
	// stdout is for the answer.
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	answers := map[string]answer{}
	err = test.Wrap(func(t test.Failer) {
		ds := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
			DefaultClusterName:              cluster.ID(q.Cluster),
			KubernetesObjectStringByCluster: q.Objects,
			ConfigString:                    q.Config,
			DisableSecretAuthorization:      true,
		})
		for _, p := range q.Proxies {
			answers[p.Name] = ask(ds, q.Cluster, p)
		}
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answers)
}

func ask(ds *xds.FakeDiscoveryServer, here string, p proxy) answer {
	node := &model.Proxy{
		Type: model.SidecarProxy, IPAddresses: []string{p.IP}, ID: p.Name + "." + p.Namespace, ConfigNamespace: p.Namespace, Labels: p.Labels,
		Metadata: &model.NodeMetadata{
			Namespace: p.Namespace, Labels: p.Labels, ClusterID: cluster.ID(here), Network: network.ID(p.Network), IstioVersion: "1.31.4",
		},
	}
	if p.IsGateway {
		node.Type = model.Router
		// as the chart sets it
		node.Metadata.RequestedNetworkView = agent.StringList{p.Network}
	}
	node = ds.SetupProxy(node)
	result := answer{Endpoints: map[string][]string{}}
	for name, endpoints := range xdstest.ExtractLoadAssignments(ds.Endpoints(node)) {
		sort.Strings(endpoints)
		result.Endpoints[name] = endpoints
	}
	if p.IsGateway {
		for _, l := range ds.Listeners(node) {
			for _, chain := range l.FilterChains {
				result.Names = append(result.Names, chain.GetFilterChainMatch().GetServerNames()...)
			}
		}
		sort.Strings(result.Names)
	}
	return result
}
