// Runs cert-manager's own validating webhook until standard input ends. cert-manager offers it to other modules only as a
// helper of tests, so the program is a test:
//
//	KUBECONFIG=... cert-manager-webhook -test.timeout 0 CERTIFICATE KEY
//
// It serves https://localhost:PORT/validate, and prints `listening on PORT`.
package webhook

import (
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"testing"

	webhook "github.com/cert-manager/cert-manager/test/webhook"
)

func TestServe(t *testing.T) {
	if flag.NArg() != 2 {
		t.Fatal("usage: cert-manager-webhook CERTIFICATE KEY")
	}
	server, stop := webhook.StartWebhookServer(t, []string{
		"--kubeconfig=" + os.Getenv("KUBECONFIG"),
		"--tls-cert-file=" + flag.Arg(0),
		"--tls-private-key-file=" + flag.Arg(1),
	})
	defer stop()
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("listening on %s\n", address.Port())
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Fatal(err)
	}
}
