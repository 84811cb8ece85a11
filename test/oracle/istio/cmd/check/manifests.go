package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/json"
	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// manifest is one object of a file.
type manifest struct {
	file   string
	object *unstructured.Unstructured
}

// name is the object as Istio's analyzers write it: kind, then namespace and name.
func (m manifest) name() string {
	if m.object.GetNamespace() == "" {
		return m.object.GetKind() + " " + m.object.GetName()
	}
	return m.object.GetKind() + " " + m.object.GetNamespace() + "/" + m.object.GetName()
}

func (m manifest) finding(check, level, message string) Finding {
	return Finding{Check: check, Object: m.name(), File: m.file, Level: level, Message: message}
}

// manifestFile is a file as it was read, under its name relative to the directory.
type manifestFile struct {
	name string
	text []byte
}

// readManifests reads every YAML and JSON file below the directory, in order of their names.
func readManifests(directory string) (manifests []manifest, files []manifestFile, findings []Finding) {
	refuse := func(file string, err error) {
		findings = append(findings, Finding{Check: "read", File: file, Level: "Error", Message: err.Error()})
	}
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml", ".json":
		default:
			return nil
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files = append(files, manifestFile{name, text})
		return nil
	})
	if err != nil {
		refuse("", err)
	} else if len(files) == 0 {
		refuse("", errors.New("no YAML or JSON file is in the directory"))
	}

	seen := map[string]string{}
	for _, file := range files {
		objects, err := objectsOf(file.text)
		if err != nil {
			refuse(file.name, err)
		}
		for _, object := range objects {
			found := manifest{file.name, object}
			// The analyzers' store, and Argo CD's, silently let the last one win.
			key := object.GroupVersionKind().GroupKind().String() + " " + object.GetNamespace() + "/" + object.GetName()
			if first, ok := seen[key]; ok {
				findings = append(findings, found.finding("read", "Error", "the object is also in "+first))
			}
			seen[key] = file.name
			manifests = append(manifests, found)
		}
	}
	return manifests, files, findings
}

// objectsOf gives the objects of a multi-document text up to the first error of reading; Lists are taken apart.
func objectsOf(text []byte) (objects []*unstructured.Unstructured, err error) {
	reader := kubeyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for index := 0; ; index++ {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return objects, err
		}
		// Strict: a key that occurs twice is an error.
		text, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return objects, fmt.Errorf("document %d: %w", index, err)
		}
		if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
			continue // only comments
		}
		content := map[string]any{}
		// Kubernetes' own JSON, since it keeps integers as integers, which CEL rules rely on.
		if err := json.Unmarshal(text, &content); err != nil {
			return objects, fmt.Errorf("document %d: %w", index, err)
		}
		object := &unstructured.Unstructured{Object: content}
		if object.GetAPIVersion() == "" || object.GetKind() == "" {
			return objects, fmt.Errorf("document %d: not a Kubernetes object: apiVersion or kind is missing", index)
		}
		if !object.IsList() {
			objects = append(objects, object)
			continue
		}
		err = object.EachListItem(func(item runtime.Object) error {
			objects = append(objects, item.(*unstructured.Unstructured))
			return nil
		})
		if err != nil {
			return objects, fmt.Errorf("document %d: %w", index, err)
		}
	}
}
