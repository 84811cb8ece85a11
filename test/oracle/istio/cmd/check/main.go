// check holds sets of manifests against the code of their real consumers and prints what it finds.
//
//	check -crd PATH... [-mesh FILE] DIRECTORY     one set of manifests
//	check -crd PATH... -sets FILE                 many: a JSON line {"directory": "...", "meshConfig": "..."} each
//
// What is asked, in this order; the name in brackets is a finding's "check":
//
//	read        the files are YAML or JSON, no key occurs twice, every document is an object, no object occurs twice
//	kind        a CRD or Kubernetes itself knows the kind, so that something below really looked at the object
//	crd         what the API server does with a custom resource: unknown fields, schema, list keys, CEL rules, metadata
//	kubernetes  the same for a built-in kind, as far as decoding goes: unknown fields and wrong types
//	validate    Istio's validating webhook: errors, and the warnings it returns
//	mesh        the mesh configuration, as istiod reads it
//	analyze     all analyzers of `istioctl analyze`, with the Services, Pods, Namespaces and Secrets that the command
//	            itself drops from files
//
// Each finding is a JSON line {check, object, file, line, level, code, message}; file is relative to the directory.
// After the findings of a set comes a line {directory, files, objects, analyzers, skipped}: without it the set was not
// checked to its end. Exit code 0: no finding; 1: findings; 2: check itself failed.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"istio.io/istio/pkg/log"
)

// Finding is one thing that a consumer refuses or warns of.
type Finding struct {
	Check   string `json:"check"`
	Object  string `json:"object"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Level   string `json:"level"` // Error, Warning, Info: Istio's own words
	Code    string `json:"code"`  // IST0101 and the like, of analyzers only
	Message string `json:"message"`
}

// Set is a directory of manifests that are applied together, and the mesh configuration they meet.
type Set struct {
	Directory  string `json:"directory"`
	MeshConfig string `json:"meshConfig"` // a file; "" is Istio's default
}

// Summary says how much of a set was looked at.
type Summary struct {
	Directory string   `json:"directory"`
	Files     int      `json:"files"`
	Objects   int      `json:"objects"`
	Analyzers int      `json:"analyzers"`
	Skipped   []string `json:"skipped"`
}

type paths []string

func (p *paths) String() string         { return strings.Join(*p, ",") }
func (p *paths) Set(value string) error { *p = append(*p, value); return nil }

func main() {
	found, err := run()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(2)
	case found:
		os.Exit(1)
	}
}

func run() (found bool, err error) {
	var crds paths
	flag.Var(&crds, "crd", "file or directory of CRDs; repeatable")
	mesh := flag.String("mesh", "", "file with the mesh configuration (MeshConfig)")
	list := flag.String("sets", "", "file with a JSON line for each set; - is standard input")
	flag.Parse()

	if err := logToStandardError(); err != nil {
		return false, err
	}
	sets, err := setsOf(*list, *mesh, flag.Args())
	if err != nil {
		return false, err
	}
	server, err := newAPIServer(crds)
	if err != nil {
		return false, err
	}

	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	for _, set := range sets {
		findings, summary := checkSet(server, set)
		for _, finding := range findings {
			found = true
			if err := encoder.Encode(finding); err != nil {
				return found, err
			}
		}
		if err := encoder.Encode(summary); err != nil {
			return found, err
		}
	}
	return found, nil
}

// checkSet never panics: Istio's readers do, at objects of a wrong shape, and that is a finding.
func checkSet(server *apiServer, set Set) (findings []Finding, summary Summary) {
	summary = Summary{Directory: set.Directory, Skipped: []string{}}
	defer func() {
		if cause := recover(); cause != nil {
			message := fmt.Sprintf("panic: %v\n%s", cause, debug.Stack())
			findings = append(findings, Finding{Check: "analyze", Level: "Error", Message: message})
		}
	}()

	manifests, files, findings := readManifests(set.Directory)
	summary.Files, summary.Objects = len(files), len(manifests)
	for _, manifest := range manifests {
		findings = append(findings, server.check(manifest)...)
		findings = append(findings, validate(manifest)...)
	}
	findings = append(findings, checkMeshConfig(set.MeshConfig)...)
	analysis := analyze(files, set.MeshConfig)
	summary.Analyzers, summary.Skipped = analysis.executed, analysis.skipped
	findings = append(findings, analysis.findings...)
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Object, b.Object),
			cmp.Compare(a.Check, b.Check), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message),
		)
	})
	return findings, summary
}

func setsOf(list, mesh string, arguments []string) ([]Set, error) {
	if list == "" {
		if len(arguments) != 1 {
			return nil, errors.New("name one directory, or -sets")
		}
		return []Set{{Directory: arguments[0], MeshConfig: mesh}}, nil
	}
	if len(arguments) > 0 || mesh != "" {
		return nil, errors.New("-sets excludes -mesh and a directory")
	}
	reader := io.Reader(os.Stdin)
	if list != "-" {
		file, err := os.Open(list)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		reader = file
	}
	decoder := json.NewDecoder(reader)
	decoder.DisallowUnknownFields()
	var sets []Set
	for {
		var set Set
		if err := decoder.Decode(&set); errors.Is(err, io.EOF) {
			return sets, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", list, err)
		}
		sets = append(sets, set)
	}
}

// logToStandardError keeps Istio's log away from the findings, but does not silence it: an object that an analyzer
// cannot read is only logged.
func logToStandardError() error {
	options := log.DefaultOptions()
	options.OutputPaths = []string{"stderr"}
	options.SetDefaultOutputLevel(log.OverrideScopeName, log.ErrorLevel)
	return log.Configure(options)
}
