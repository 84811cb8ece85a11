package main

import (
	"bytes"
	"fmt"
	"os"
	_ "unsafe" // for go:linkname

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/json"

	meshv1alpha1 "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/analysis/analyzers"
	_ "istio.io/istio/pkg/config/analysis/analyzers/authz" // for go:linkname
	"istio.io/istio/pkg/config/analysis/diag"
	"istio.io/istio/pkg/config/analysis/legacy/source/kube"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/collections"
	"istio.io/istio/pkg/config/validation/agent"
	"istio.io/istio/pkg/util/protomarshal"
)

// validate asks Istio's validators about an object: what the webhook refuses, and what it warns of.
func validate(m manifest) (findings []Finding) {
	schema, ok := collections.Pilot.FindByGroupVersionAliasesKind(config.FromKubernetesGVK(m.object.GroupVersionKind()))
	if !ok {
		return nil
	}
	object := config.Config{Meta: config.Meta{
		GroupVersionKind: schema.GroupVersionKind(),
		Name:             m.object.GetName(),
		Namespace:        m.object.GetNamespace(),
		// As in a cluster: it completes short host names. Istio's own reader of files (crd.ParseInputs) leaves it empty.
		Domain:      constants.DefaultClusterLocalDomain,
		Labels:      m.object.GetLabels(),
		Annotations: m.object.GetAnnotations(),
	}}
	if object.Namespace == "" {
		object.Namespace = metav1.NamespaceDefault // as kubectl and `istioctl validate` do
	}
	text, err := json.Marshal(m.object.Object["spec"])
	if err == nil {
		object.Spec, err = schema.NewInstance()
	}
	if err == nil {
		// Strict: a field that Istio's API does not have is an error, even if a CRD lets it through.
		err = config.ApplyJSONStrict(object.Spec, string(text))
	}
	if err != nil {
		return []Finding{m.finding("validate", "Error", "spec: "+err.Error())}
	}
	warnings, err := schema.ValidateConfig(object)
	for _, message := range messagesOf(err) {
		findings = append(findings, m.finding("validate", "Error", message))
	}
	for _, message := range messagesOf(warnings) {
		findings = append(findings, m.finding("validate", "Warning", message))
	}
	return findings
}

// checkMeshConfig is stricter than istiod, which ignores unknown fields.
func checkMeshConfig(file string) (findings []Finding) {
	if file == "" {
		return nil
	}
	say := func(level string, err error) {
		for _, message := range messagesOf(err) {
			findings = append(findings, Finding{Check: "mesh", File: file, Level: level, Message: message})
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		say("Error", err)
		return findings
	}
	say("Error", protomarshal.ApplyYAMLStrict(string(text), &meshv1alpha1.MeshConfig{}))
	applied, err := mesh.ApplyMeshConfigDefaults(string(text))
	if err != nil {
		say("Error", err)
		return findings
	}
	warnings, _ := agent.ValidateMeshConfig(applied) // its errors have just been given
	say("Warning", warnings)
	return findings
}

// messagesOf takes collected errors apart.
func messagesOf(err error) (messages []string) {
	if err == nil {
		return nil
	}
	collected, ok := err.(interface{ WrappedErrors() []error })
	if !ok {
		return []string{err.Error()}
	}
	for _, err := range collected.WrappedErrors() {
		messages = append(messages, messagesOf(err)...)
	}
	return messages
}

type analysis struct {
	findings []Finding
	executed int
	skipped  []string
}

// analyze runs every analyzer over the files as if they were all that is in the cluster. It adds nothing to them: the
// ingress gateway that `istioctl analyze` makes up when it reads files would hide that a set has none.
// An annotation galley.istio.io/analyze-suppress is obeyed.
func analyze(files []manifestFile, meshConfig string) (result analysis) {
	fail := func(file string, err error) {
		for _, message := range messagesOf(err) {
			result.findings = append(result.findings, Finding{Check: "analyze", File: file, Level: "Error", Message: message})
		}
	}
	// Everything that an analyzer changes is built anew for each set, but for this one variable.
	authorizationMeshConfig = nil

	all := analyzers.AllCombined()
	analyzer := local.NewIstiodAnalyzer(all, "", constants.IstioSystemNamespace, nil)
	if meshConfig != "" {
		fail(meshConfig, analyzer.AddFileKubeMeshConfig(meshConfig))
	}
	fail("", analyzer.AddTestReaderKubeSource(nil)) // "Test": with Services, Namespaces, Pods, Secrets
	for _, file := range files {
		reader := local.ReaderSource{Name: file.name, Reader: bytes.NewReader(file.text)}
		fail(file.name, analyzer.AddTestReaderKubeSource([]local.ReaderSource{reader}))
	}
	cancel := make(chan struct{})
	defer close(cancel) // ends the goroutines of the stores
	outcome, err := analyzer.Analyze(cancel)
	fail("", err)
	// Istio counts the skipped ones as executed.
	result.executed = len(outcome.ExecutedAnalyzers) - len(outcome.SkippedAnalyzers)
	result.skipped = append([]string{}, outcome.SkippedAnalyzers...)
	for _, name := range result.skipped {
		fail("", fmt.Errorf("the analyzer %s was skipped", name))
	}
	if result.executed == 0 {
		fail("", fmt.Errorf("no analyzer ran"))
	}
	for _, message := range outcome.Messages {
		result.findings = append(result.findings, findingOf(message))
	}
	return result
}

func findingOf(message diag.Message) Finding {
	finding := Finding{
		Check:   "analyze",
		Level:   message.Type.Level().String(),
		Code:    message.Type.Code(),
		Message: fmt.Sprintf(message.Type.Template(), message.Parameters...),
	}
	if message.Resource == nil {
		return finding
	}
	finding.Object = message.Resource.Origin.FriendlyName()
	if position, ok := message.Resource.Origin.Reference().(*kube.Position); ok && position != nil {
		finding.File, finding.Line = position.Filename, position.Line
	}
	if message.Line != 0 {
		finding.Line = message.Line
	}
	return finding
}

// The analyzer of AuthorizationPolicies keeps the mesh configuration of the first set that it sees, for good.
//
//go:linkname authorizationMeshConfig istio.io/istio/pkg/config/analysis/analyzers/authz.meshConfig
var authorizationMeshConfig *meshv1alpha1.MeshConfig
