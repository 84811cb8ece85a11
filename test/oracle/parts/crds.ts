import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { consumerSource } from './consumers.ts'
import { istioSource } from './istio.ts'
import { copyWritable, downloadModule, type Part, withTemporaryDirectory } from './part.ts'

// No go.mod here pins this module, since it is only read and never built. The sum is Go's checksum of its
// content.
const prometheusOperator = {
  module: 'github.com/prometheus-operator/prometheus-operator@v0.93.0',
  sum: 'h1:AohlYJT+En8TmNpAcEUJ3GsaJTAqfEBwHmGTVpRm/Io=',
} as const

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** The CRDs of Istio, Argo CD, cert-manager and the Prometheus operator, in the versions that are built. */
export const crds: Part = {
  inputs: [
    path('crds.ts'),
    ...['istio', 'consumers'].flatMap(module => [path(`../${module}/go.mod`), path(`../${module}/go.sum`)]),
  ],
  make: async target => {
    const istio = await istioSource()
    const argoCd = await consumerSource('github.com/argoproj/argo-cd/v3')
    const certManager = await consumerSource('github.com/cert-manager/cert-manager')
    const operator = await withTemporaryDirectory(outside =>
      downloadModule(prometheusOperator.module, outside),
    )
    if (operator.Sum !== prometheusOperator.sum) {
      throw new Error(`${prometheusOperator.module} has the checksum ${operator.Sum}`)
    }
    for (const [source, name] of [
      [join(istio, 'manifests/charts/base/files/crd-all.gen.yaml'), 'istio/crd-all.gen.yaml'],
      [join(argoCd, 'manifests/crds'), 'argo-cd'],
      [join(certManager, 'deploy/crds'), 'cert-manager'],
      [join(operator.Dir, 'example/prometheus-operator-crd'), 'prometheus-operator'],
    ] as const) {
      await copyWritable(source, join(target, name))
    }
  },
}
