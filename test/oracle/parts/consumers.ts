import { fileURLToPath } from 'node:url'
import { buildGo, downloadModule, type GoProgram, type Part } from './part.ts'

const directory = fileURLToPath(new URL('../consumers', import.meta.url))
const inputs = [fileURLToPath(import.meta.url), directory]

// Without this variable, the version of the server is v0.0.0-master.
const version = 'k8s.io/component-base/version'
const kubernetes = {
  [`${version}.gitVersion`]: 'v1.37.2',
  [`${version}.gitMajor`]: '1',
  [`${version}.gitMinor`]: '37',
}

/** The consumers that are built: the API server with its store, Argo CD, cert-manager, Prometheus. */
export const consumerParts = {
  // The build leaves out the service discovery of clouds, which rules do not need.
  promtool: program({
    path: 'github.com/prometheus/prometheus/cmd/promtool',
    tags: ['remove_all_sd'],
  }),
  argocheck: program({ path: './argocheck' }),
  // Each part of Argo CD is this program under another name.
  argocd: program({ path: 'github.com/argoproj/argo-cd/v3/cmd' }),
  'kube-apiserver': program({ path: 'k8s.io/kubernetes/cmd/kube-apiserver', variables: kubernetes }),
  'kube-controller-manager': program({
    path: 'k8s.io/kubernetes/cmd/kube-controller-manager',
    variables: kubernetes,
  }),
  etcd: program({ path: 'go.etcd.io/etcd/server/v3' }),
  'cert-manager-webhook': program({ path: './cert-manager-webhook', isTest: true }),
} as const satisfies Readonly<Record<string, Part>>

/** Returns the folder of a module that go.mod pins; go.sum holds its checksum. */
export async function consumerSource(module: string): Promise<string> {
  return (await downloadModule(module, directory)).Dir
}

function program(built: GoProgram): Part {
  return { inputs, make: target => buildGo(directory, built, target) }
}
