package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/yaml"
)

// apiServer does to an object what kube-apiserver does on a strict create, out of the same libraries
// (k8s.io/apiextensions-apiserver, pkg/registry/customresource: strategy.go and validator.go are the model).
// Of built-in kinds it only decodes: the validation of their values is not in a library.
type apiServer struct {
	// The documents with CRDs that are still to be read: most sets need few of them, and reading takes longer than all
	// the rest.
	unread  [][]byte
	custom  map[schema.GroupVersionKind]*customKind
	decoder runtime.Decoder
}

// customKind is a served version of a CRD.
type customKind struct {
	namespaced bool
	structural *structuralschema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

func newAPIServer(crdPaths []string) (*apiServer, error) {
	scheme := clientscheme.Scheme
	if err := apiextensionsv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	server := &apiServer{
		custom:  map[schema.GroupVersionKind]*customKind{},
		decoder: json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Strict: true}),
	}
	for _, path := range crdPaths {
		before := len(server.unread)
		err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
				return err
			}
			return server.addFile(file)
		})
		if err != nil {
			return nil, err
		}
		if len(server.unread) == before {
			return nil, fmt.Errorf("%s holds no CRD", path)
		}
	}
	return server, nil
}

func (s *apiServer) addFile(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	reader := kubeyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if bytes.Contains(document, []byte("CustomResourceDefinition")) {
			s.unread = append(s.unread, document)
		}
	}
}

// find gives the CRD's version of a kind, or nil. It reads the documents in which its name and its group occur.
func (s *apiServer) find(kind schema.GroupVersionKind) (*customKind, error) {
	var unread [][]byte
	for _, document := range s.unread {
		if !bytes.Contains(document, []byte(kind.Group)) || !bytes.Contains(document, []byte(kind.Kind)) {
			unread = append(unread, document)
			continue
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(document, crd); err != nil {
			return nil, err
		}
		if crd.Kind != "CustomResourceDefinition" {
			continue
		}
		if err := s.add(crd); err != nil {
			return nil, fmt.Errorf("%s: %w", crd.Name, err)
		}
	}
	s.unread = unread
	return s.custom[kind], nil
}

func (s *apiServer) add(v1 *apiextensionsv1.CustomResourceDefinition) error {
	crd := &apiextensions.CustomResourceDefinition{}
	err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(v1, crd, nil)
	if err != nil {
		return err
	}
	for _, version := range crd.Spec.Versions {
		if !version.Served {
			continue // the API server does not know the version
		}
		versionSchema := version.Schema
		if versionSchema == nil {
			versionSchema = crd.Spec.Validation // the conversion moves a schema that all versions share to here
		}
		if versionSchema == nil {
			return fmt.Errorf("version %s has no schema", version.Name)
		}
		structural, err := structuralschema.NewStructural(versionSchema.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		validator, _, err := validation.NewSchemaValidator(versionSchema.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		kind := schema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
		s.custom[kind] = &customKind{
			namespaced: crd.Spec.Scope == apiextensions.NamespaceScoped,
			structural: structural,
			validator:  validator,
			rules:      cel.NewValidator(structural, true, celconfig.PerCallLimit),
		}
	}
	return nil
}

// check gives the reasons to refuse the object. It leaves the object as it is.
func (s *apiServer) check(m manifest) []Finding {
	kind := m.object.GroupVersionKind()
	if clientscheme.Scheme.Recognizes(kind) {
		return s.checkBuiltIn(m)
	}
	custom, err := s.find(kind)
	switch {
	case err != nil:
		return []Finding{m.finding("kind", "Error", "the CRD cannot be read: "+err.Error())}
	case custom == nil:
		return []Finding{m.finding("kind", "Error", "nothing looked at the object: neither a CRD nor Kubernetes has "+kind.String())}
	}
	var findings []Finding
	for _, reason := range custom.refuse(m.object.DeepCopy()) {
		findings = append(findings, m.finding("crd", "Error", reason))
	}
	return findings
}

func (s *apiServer) checkBuiltIn(m manifest) (findings []Finding) {
	text, err := m.object.MarshalJSON()
	if err == nil {
		_, _, err = s.decoder.Decode(text, nil, nil)
	}
	if err != nil {
		findings = append(findings, m.finding("kubernetes", "Error", err.Error()))
	}
	anyName := func(string, bool) []string { return nil } // the rules for a name depend on the kind
	namespaced := m.object.GetNamespace() != ""
	for _, err := range apivalidation.ValidateObjectMetaAccessor(m.object, namespaced, anyName, field.NewPath("metadata")) {
		findings = append(findings, m.finding("kubernetes", "Error", err.Error()))
	}
	return findings
}

// refuse takes the object through the stations of a create: unknown fields, defaults, metadata, schema, lists, rules.
func (k *customKind) refuse(object *unstructured.Unstructured) (reasons []string) {
	metadata, _, unknown, err := objectmeta.GetObjectMetaWithOptions(object.Object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return []string{err.Error()}
	}
	unknown = append(unknown, pruning.PruneWithOptions(object.Object, k.structural, true,
		structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
	for _, path := range unknown {
		reasons = append(reasons, "unknown field "+path)
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object.Object, k.structural)
	defaulting.Default(object.Object, k.structural)

	if k.namespaced && metadata.Namespace == "" {
		metadata.Namespace = metav1.NamespaceDefault // kubectl's choice
	}
	errs := apivalidation.ValidateObjectMeta(metadata, k.namespaced, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	errs = append(errs, validation.ValidateCustomResource(nil, object.Object, k.validator)...)
	errs = append(errs, objectmeta.Validate(nil, object.Object, k.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, k.structural, object.Object)...)
	// As in the API server, rules are only asked about an object whose types are right.
	if k.rules != nil && !blocksRules(errs) {
		broken, _ := k.rules.Validate(context.Background(), nil, k.structural, object.Object, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, broken...)
	}
	for _, err := range errs {
		reasons = append(reasons, err.Error())
	}
	return reasons
}

func blocksRules(errs field.ErrorList) bool {
	for _, err := range errs {
		switch err.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}
