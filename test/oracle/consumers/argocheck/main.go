// argocheck asks Argo CD's own code about files:
//
//	argocheck health [-script HEALTH.LUA] [-open-libs] OBJECT.YAML...
//	argocheck permit -project APP-PROJECT.YAML APPLICATION.YAML...
//	argocheck appset APPLICATION-SET.YAML...
//
// health prints `Kind name Status "message"` an object, by the script or else by the one that Argo CD carries (`none` where it
// carries none). permit prints why the project does not permit an application, and ends with 1. appset prints the
// applications that a set of list, matrix and merge generators makes. A field that Argo CD does not know is an error.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	log "github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	appsetutils "github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

// errRefused ends the program with 1; what was refused is printed.
var errRefused = errors.New("refused")

func main() {
	log.SetLevel(log.FatalLevel)
	err := run(os.Args[1:])
	if err != nil && !errors.Is(err, errRefused) {
		fmt.Fprintln(os.Stderr, "argocheck:", err)
	}
	if err != nil {
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("usage: argocheck health|permit|appset FILE...")
	}
	flags := flag.NewFlagSet(arguments[0], flag.ExitOnError)
	script := flags.String("script", "", "a health script instead of Argo CD's own")
	openLibraries := flags.Bool("open-libs", false, "open all libraries of Lua, as useOpenLibs does")
	project := flags.String("project", "", "the file of the AppProject")
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	switch arguments[0] {
	case "health":
		return health(*script, *openLibraries, flags.Args())
	case "permit":
		return permit(*project, flags.Args())
	case "appset":
		return render(flags.Args())
	}
	return fmt.Errorf("no command %q", arguments[0])
}

func health(script string, openLibraries bool, files []string) error {
	for _, file := range files {
		objects, err := readObjects(file)
		if err != nil {
			return err
		}
		for _, object := range objects {
			line, err := healthOf(object, script, openLibraries)
			if err != nil {
				return fmt.Errorf("%s: %s %s: %w", file, object.GetKind(), object.GetName(), err)
			}
			fmt.Println(object.GetKind(), object.GetName(), line)
		}
	}
	return nil
}

func healthOf(object *unstructured.Unstructured, script string, openLibraries bool) (string, error) {
	vm := lua.VM{UseOpenLibs: openLibraries}
	var code string
	if script == "" {
		var err error
		if code, vm.UseOpenLibs, err = vm.GetHealthScript(object); err != nil {
			return "", err
		}
		if code == "" {
			return "none", nil
		}
	} else {
		text, err := os.ReadFile(script)
		if err != nil {
			return "", err
		}
		code = string(text)
	}
	status, err := vm.ExecuteHealthLua(object, code)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %q", status.Status, status.Message), nil
}

func permit(projectFile string, files []string) error {
	var project v1alpha1.AppProject
	if err := readStrictly(projectFile, &project); err != nil {
		return err
	}
	if err := project.ValidateProject(); err != nil {
		return fmt.Errorf("%s: %w", projectFile, err)
	}
	ctx := context.Background()
	database := databaseOf(ctx, "argocd")
	refused := false
	for _, file := range files {
		var application v1alpha1.Application
		if err := readStrictly(file, &application); err != nil {
			return err
		}
		conditions, err := argo.ValidatePermissions(ctx, &application.Spec, &project, database)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, condition := range conditions {
			refused = true
			fmt.Printf("%s: %s: %s\n", file, condition.Type, condition.Message)
		}
		if len(conditions) == 0 {
			fmt.Printf("%s: permitted\n", file)
		}
	}
	if refused {
		return errRefused
	}
	return nil
}

// databaseOf gives the settings of an Argo CD that was just installed.
func databaseOf(ctx context.Context, namespace string) db.ArgoDB {
	labels := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	clients := fake.NewClientset(
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "argocd-cm", Namespace: namespace, Labels: labels}},
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: "argocd-secret", Namespace: namespace, Labels: labels},
			Data:       map[string][]byte{"server.secretkey": []byte("x")},
		},
	)
	return db.NewDB(namespace, settings.NewSettingsManager(ctx, clients, namespace), clients)
}

func render(files []string) error {
	list := generators.NewListGenerator()
	nested := map[string]generators.Generator{"List": list}
	all := map[string]generators.Generator{
		"List":   list,
		"Matrix": generators.NewMatrixGenerator(nested),
		"Merge":  generators.NewMergeGenerator(nested),
	}
	for _, file := range files {
		var set v1alpha1.ApplicationSet
		if err := readStrictly(file, &set); err != nil {
			return err
		}
		entry := log.WithField("applicationset", set.Name)
		applications, reason, err := template.GenerateApplications(entry, set, all, &appsetutils.Render{}, nil)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", file, reason, err)
		}
		for _, application := range applications {
			text, err := yaml.Marshal(application)
			if err != nil {
				return err
			}
			fmt.Printf("---\n%s", text)
		}
	}
	return nil
}

func readObjects(file string) ([]*unstructured.Unstructured, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

func readStrictly(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
