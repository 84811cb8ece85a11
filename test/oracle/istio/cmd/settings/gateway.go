package main

import (
	"encoding/json"
	"io/fs"
	"reflect"
	"regexp"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"istio.io/istio/manifests"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// chartSchema is the part of values.schema.json that is of use here.
type chartSchema struct {
	Type       any                    `json:"type"`
	Enum       []any                  `json:"enum"`
	Properties map[string]chartSchema `json:"properties"`
}

// ofKubernetes are the types of the values that the templates of the chart write into objects as they are.
var ofKubernetes = map[string]any{
	"affinity":        corev1.Affinity{},
	"annotations":     map[string]string{},
	"lifecycle":       corev1.Lifecycle{},
	"nodeSelector":    map[string]string{},
	"podAnnotations":  map[string]string{},
	"readinessProbe":  corev1.Probe{},
	"securityContext": corev1.PodSecurityContext{},
	"strategy":        appsv1.DeploymentStrategy{},
	"tolerations":     []corev1.Toleration{},
}

// wordsOfKubernetes are the texts that values of a type may be: an API server refuses any other.
var wordsOfKubernetes = map[reflect.Type][]string{
	reflect.TypeFor[appsv1.DeploymentStrategyType](): texts("", appsv1.RecreateDeploymentStrategyType, appsv1.RollingUpdateDeploymentStrategyType),
	reflect.TypeFor[corev1.IPFamily]():               texts(corev1.IPv4Protocol, corev1.IPv6Protocol),
	reflect.TypeFor[corev1.IPFamilyPolicy]():         texts("", corev1.IPFamilyPolicySingleStack, corev1.IPFamilyPolicyPreferDualStack, corev1.IPFamilyPolicyRequireDualStack),
	reflect.TypeFor[corev1.NodeSelectorOperator](): texts(
		corev1.NodeSelectorOpIn, corev1.NodeSelectorOpNotIn, corev1.NodeSelectorOpExists,
		corev1.NodeSelectorOpDoesNotExist, corev1.NodeSelectorOpGt, corev1.NodeSelectorOpLt),
	reflect.TypeFor[corev1.PodFSGroupChangePolicy]():       texts(corev1.FSGroupChangeOnRootMismatch, corev1.FSGroupChangeAlways),
	reflect.TypeFor[corev1.SeccompProfileType]():           texts(corev1.SeccompProfileTypeLocalhost, corev1.SeccompProfileTypeRuntimeDefault, corev1.SeccompProfileTypeUnconfined),
	reflect.TypeFor[corev1.ServiceExternalTrafficPolicy](): texts("", corev1.ServiceExternalTrafficPolicyCluster, corev1.ServiceExternalTrafficPolicyLocal),
	reflect.TypeFor[corev1.ServiceInternalTrafficPolicy](): texts("", corev1.ServiceInternalTrafficPolicyCluster, corev1.ServiceInternalTrafficPolicyLocal),
	reflect.TypeFor[corev1.TaintEffect]():                  texts("", corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute),
	reflect.TypeFor[corev1.TolerationOperator]():           texts("", corev1.TolerationOpEqual, corev1.TolerationOpExists),
	reflect.TypeFor[corev1.URIScheme]():                    texts("", corev1.URISchemeHTTP, corev1.URISchemeHTTPS),
	reflect.TypeFor[metav1.LabelSelectorOperator](): texts(
		metav1.LabelSelectorOpIn, metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpExists, metav1.LabelSelectorOpDoesNotExist),
}

func texts[Word ~string](words ...Word) []string {
	plain := []string{}
	for _, word := range words {
		plain = append(plain, string(word))
	}
	return plain
}

var readValue = regexp.MustCompile(`\.Values\)?((?:\.[A-Za-z]+)+)`)

// gatewayValues are the values that a template of the chart gateway reads: the schema of the chart has more of them, and lets every
// field pass below the first. Their types are those of Kubernetes, or of the schema.
func (w writer) gatewayValues() (string, error) {
	chart, err := fs.Sub(manifests.FS, "charts/gateway")
	if err != nil {
		return "", err
	}
	text, err := fs.ReadFile(chart, "values.schema.json")
	if err != nil {
		return "", err
	}
	var schema struct {
		Defs map[string]chartSchema `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return "", err
	}
	values := schema.Defs["values"].Properties
	templates, err := fs.Glob(chart, "templates/*")
	if err != nil {
		return "", err
	}
	properties := map[string]string{}
	parts := map[string]map[string]string{}
	for _, name := range templates {
		template, err := fs.ReadFile(chart, name)
		if err != nil {
			return "", err
		}
		for _, match := range readValue.FindAllStringSubmatch(string(template), -1) {
			path := strings.Split(match[1][1:], ".")
			top, isKnown := values[path[0]]
			switch {
			case !isKnown:
			case len(path) == 1 || len(top.Properties) == 0:
				if _, isThere := properties[path[0]]; !isThere {
					properties[path[0]] = w.chartValue(path[0], top)
				}
			default:
				if parts[path[0]] == nil {
					parts[path[0]] = map[string]string{}
				}
				part := top.Properties[path[1]]
				if field, isThere := serviceField(path[1]); path[0] == "service" && isThere && len(part.Enum) == 0 {
					parts[path[0]][path[1]] = w.goType(field.Type)
				} else {
					parts[path[0]][path[1]] = w.chartValue(path[1], part)
				}
			}
		}
	}
	for name, of := range parts {
		properties[name] = w.add("GatewayValues."+name, shape{Type: "object", Properties: of})
	}
	return w.add("GatewayValues", shape{Type: "object", Properties: properties}), nil
}

// serviceField is the field of a Service with a name in JSON.
func serviceField(name string) (reflect.StructField, bool) {
	return reflect.TypeFor[corev1.ServiceSpec]().FieldByNameFunc(func(field string) bool {
		return strings.EqualFold(field, name)
	})
}

// chartValue is the shape of a value: that of Kubernetes, or one that has the type of the schema.
func (w writer) chartValue(name string, of chartSchema) string {
	if example, isKnown := ofKubernetes[name]; isKnown {
		return w.goType(reflect.TypeOf(example))
	}
	switch plainType(of.Type) {
	case "object":
		return w.anyMap()
	case "array":
		return w.add("list of any value", shape{Type: "array", Items: w.add("any value", shape{})})
	case "boolean":
		return w.scalar(protoreflect.BoolKind)
	case "integer":
		return w.scalar(protoreflect.Int32Kind)
	case "number":
		return w.scalar(protoreflect.DoubleKind)
	case "string":
		words := []string{}
		for _, word := range of.Enum {
			words = append(words, word.(string))
		}
		if len(words) == 0 {
			return w.scalar(protoreflect.StringKind)
		}
		return w.add("GatewayValues "+name, shape{Type: "string", Enum: words})
	}
	return w.add("any value", shape{})
}

// plainType is the only type of a value that the schema names, apart from null.
func plainType(of any) string {
	if list, isList := of.([]any); isList {
		rest := []any{}
		for _, each := range list {
			if each != "null" {
				rest = append(rest, each)
			}
		}
		if len(rest) == 1 {
			of = rest[0]
		}
	}
	name, _ := of.(string)
	return name
}

// goType is the shape of a type of Kubernetes, as encoding/json reads it.
func (w writer) goType(of reflect.Type) string {
	switch of.Kind() {
	case reflect.Pointer:
		return w.goType(of.Elem())
	case reflect.Slice:
		items := w.goType(of.Elem())
		return w.add("list of "+items, shape{Type: "array", Items: items})
	case reflect.Map:
		values := w.goType(of.Elem())
		return w.add("map of "+values, shape{Type: "object", Values: values})
	case reflect.Bool:
		return w.scalar(protoreflect.BoolKind)
	case reflect.Int32:
		return w.scalar(protoreflect.Int32Kind)
	case reflect.Int64:
		return w.add("whole number", shape{Type: "integer"})
	case reflect.String:
		if words, isWord := wordsOfKubernetes[of]; isWord {
			return w.add(of.PkgPath()+"."+of.Name(), shape{Type: "string", Enum: words})
		}
		return w.scalar(protoreflect.StringKind)
	}
	if of == reflect.TypeFor[intstr.IntOrString]() {
		return w.add("number or text", shape{Type: []string{"integer", "string"}})
	}
	name := of.PkgPath() + "." + of.Name()
	if _, isKnown := w[name]; isKnown {
		return name
	}
	w[name] = shape{} // a type may hold itself
	part := shape{Type: "object", Properties: map[string]string{}}
	w.fieldsOf(of, part.Properties)
	return w.add(name, part)
}

func (w writer) fieldsOf(of reflect.Type, properties map[string]string) {
	for i := range of.NumField() {
		field := of.Field(i)
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			properties[name] = w.goType(field.Type)
		} else if field.Anonymous {
			w.fieldsOf(field.Type, properties)
		}
	}
}
