// settings writes the shapes of MeshConfig and of the values of the charts istiod and gateway to standard output, as JSON in
// the form of schema/shapes.ts. It reads them from the descriptors of the messages that istiod and istioctl decode the settings
// with, and from the schema and the templates of the chart gateway.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"google.golang.org/protobuf/reflect/protoreflect"
	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/operator/pkg/apis"
)

// shape is Shape of schema/shapes.ts: a part of the settings, whose parts are named by their keys.
type shape struct {
	Type       any               `json:"type,omitempty"`
	Enum       []string          `json:"enum,omitempty"`
	Minimum    *int64            `json:"minimum,omitempty"`
	Maximum    *int64            `json:"maximum,omitempty"`
	IsSpan     bool              `json:"isSpan,omitempty"`
	Properties map[string]string `json:"properties,omitempty"`
	AtMostOne  [][]string        `json:"atMostOne,omitempty"`
	Values     string            `json:"values,omitempty"`
	Items      string            `json:"items,omitempty"`
	IsOpen     bool              `json:"isOpen,omitempty"`
}

const comment = "Made by test/oracle/settings.test.ts from the messages of the Istio that test/oracle/istio/go.mod names."

type writer map[string]shape

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func write() error {
	shapes := writer{}
	roots := map[string]string{
		"meshConfig": shapes.message((&meshconfig.MeshConfig{}).ProtoReflect().Descriptor()),
		"values":     shapes.istiodValues(),
	}
	ofGateway, err := shapes.gatewayValues()
	if err != nil {
		return err
	}
	roots["gatewayValues"] = ofGateway
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(map[string]any{"$comment": comment, "roots": roots, "shapes": shapes})
}

// istiodValues are the values of the chart istiod: those of all charts, and those of `pilot` without that word before them.
// See manifests/charts/istio-control/istio-discovery/templates/zzy_descope_legacy.yaml.
func (w writer) istiodValues() string {
	all := (&apis.Values{}).ProtoReflect().Descriptor()
	properties := map[string]string{}
	ofPilot := all.Fields().ByName("pilot").Message().Fields()
	for i := range ofPilot.Len() {
		properties[ofPilot.Get(i).JSONName()] = w.field(ofPilot.Get(i))
	}
	for i := range all.Fields().Len() {
		field := all.Fields().Get(i)
		switch name := field.JSONName(); name {
		case "pilot", "cni", "ztunnel", "istioCni":
			// Of other charts, and of this one under another name.
		case "gateways":
			properties[name] = w.anyMap()
		default:
			properties[name] = w.field(field)
		}
	}
	return w.add("IstiodValues", shape{Type: "object", Properties: properties})
}

func (w writer) anyMap() string {
	return w.add("any map", shape{Type: "object", IsOpen: true})
}

func (w writer) add(name string, part shape) string {
	w[name] = part
	return name
}

func (w writer) field(field protoreflect.FieldDescriptor) string {
	switch {
	case field.IsMap():
		values := w.single(field.MapValue())
		return w.add("map of "+values, shape{Type: "object", Values: values})
	case field.IsList():
		items := w.single(field)
		return w.add("list of "+items, shape{Type: "array", Items: items})
	default:
		return w.single(field)
	}
}

func (w writer) single(field protoreflect.FieldDescriptor) string {
	switch field.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return w.message(field.Message())
	case protoreflect.EnumKind:
		return w.enum(field.Enum())
	default:
		return w.scalar(field.Kind())
	}
}

func (w writer) enum(of protoreflect.EnumDescriptor) string {
	words := []string{}
	for i := range of.Values().Len() {
		words = append(words, string(of.Values().Get(i).Name()))
	}
	return w.add(string(of.FullName()), shape{Type: "string", Enum: words})
}

func (w writer) scalar(kind protoreflect.Kind) string {
	switch kind {
	case protoreflect.BoolKind:
		return w.add("boolean", shape{Type: "boolean"})
	case protoreflect.StringKind, protoreflect.BytesKind:
		return w.add("string", shape{Type: "string"})
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return w.add("number", shape{Type: "number"})
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return w.add("uint32", whole(0, 1<<32-1))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return w.add("int32", whole(-1<<31, 1<<31-1))
	default:
		// Protobuf has numbers of 64 bits as texts, too.
		return w.add("int64", shape{Type: []string{"integer", "string"}})
	}
}

func whole(minimum, maximum int64) shape {
	return shape{Type: "integer", Minimum: &minimum, Maximum: &maximum}
}

func (w writer) message(of protoreflect.MessageDescriptor) string {
	name := string(of.FullName())
	if _, isKnown := w[name]; isKnown {
		return name
	}
	switch of.Name() {
	case "BoolValue":
		return w.scalar(protoreflect.BoolKind)
	case "StringValue", "BytesValue":
		return w.scalar(protoreflect.StringKind)
	case "FloatValue", "DoubleValue":
		return w.scalar(protoreflect.DoubleKind)
	case "UInt32Value":
		return w.scalar(protoreflect.Uint32Kind)
	case "Int32Value":
		return w.scalar(protoreflect.Int32Kind)
	case "Int64Value", "UInt64Value":
		return w.scalar(protoreflect.Int64Kind)
	case "Duration":
		return w.add("duration", shape{Type: "string", IsSpan: true})
	case "Struct":
		return w.anyMap()
	case "Value":
		return w.add("any value", shape{})
	case "IntOrString":
		return w.add("number or text", shape{Type: []string{"integer", "string"}})
	}
	w[name] = shape{} // a message may hold itself
	part := shape{Type: "object", Properties: map[string]string{}}
	for i := range of.Fields().Len() {
		field := of.Fields().Get(i)
		part.Properties[field.JSONName()] = w.field(field)
	}
	for i := range of.Oneofs().Len() {
		choice := of.Oneofs().Get(i)
		names := []string{}
		for j := range choice.Fields().Len() {
			names = append(names, choice.Fields().Get(j).JSONName())
		}
		if len(names) > 1 {
			part.AtMostOne = append(part.AtMostOne, names)
		}
	}
	return w.add(name, part)
}
