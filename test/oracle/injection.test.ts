// The documents agree about probes with Istio's own injector. `istioctl kube-inject` runs with the values of
// meshc.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, listAt } from '../support/at.ts'
import { compileEnvironment, environments } from '../support/specs.ts'
import { writeOutput } from './outputs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const injection = suite('injection')
const testInjection = await requireOracle(injection, 'istioctl', 'helm', 'chart')

const probes = {
  readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
  livenessProbe: { tcpSocket: { port: 8080 } },
}

/** A pod of an application, as its team writes the pod. */
const deployment = (annotations: Readonly<Record<string, string>>) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: {
    selector: { matchLabels: { app: 'cart' } },
    template: {
      metadata: { labels: { app: 'cart' }, annotations },
      spec: { containers: [{ name: 'cart', image: 'cart:1', ports: [{ containerPort: 8080 }], ...probes }] },
    },
  },
})

for (const name of environments) {
  testInjection(`the probes of a pod of ${name} go to its sidecar, which asks the application`, async () => {
    const [readiness, liveness] = await injectedProbes(name, {})
    // The port of the agent beside the proxy: neither a policy nor mTLS can refuse the kubelet.
    assert.equal(readiness, { httpGet: { path: '/app-health/cart/readyz', port: 15020 } })
    assert.equal(liveness, { httpGet: { path: '/app-health/cart/livez', port: 15020 } })
  })
}

testInjection('they do not where the annotation that the runbook names is `false`', async () => {
  const [readiness, liveness] = await injectedProbes('prod', {
    'sidecar.istio.io/rewriteAppHTTPProbers': 'false',
  })
  assert.equal(readiness, probes.readinessProbe)
  assert.equal(liveness, probes.livenessProbe)
})

injection.run()

/** Returns the two probes of the application in a pod with a sidecar of an environment. */
function injectedProbes(
  name: string,
  annotations: Readonly<Record<string, string>>,
): Promise<readonly unknown[]> {
  return withDirectory(async directory => {
    const { helm, istioctl, chart } = await oracle()
    const compilation = compileEnvironment(name)
    await writeOutput(compilation, directory)
    const { namespace, revision } = compilation.mesh.istio
    const values = join(directory, 'istio/values-istiod.yaml')
    const rendered = await helm([
      ...['template', 'istiod', chart('istiod'), '--namespace', namespace.value, '-f', values],
    ])
    assert.is(rendered.status, 0, rendered.stderr)
    const suffix = revision === undefined ? '' : `-${revision.value}`
    const dataOf = (configMap: string) =>
      at(
        loadAll(rendered.stdout).find(
          object =>
            at(object, 'kind') === 'ConfigMap' && at(object, 'metadata', 'name') === `${configMap}${suffix}`,
        ),
        'data',
      )
    const files = {
      filename: JSON.stringify(deployment(annotations)),
      injectConfigFile: String(at(dataOf('istio-sidecar-injector'), 'config')),
      valuesFile: String(at(dataOf('istio-sidecar-injector'), 'values')),
      meshConfigFile: String(at(dataOf('istio'), 'mesh')),
    }
    for (const [option, text] of Object.entries(files)) await writeFile(join(directory, option), text)
    const injected = await istioctl([
      ...['kube-inject', ...Object.keys(files).flatMap(option => [`--${option}`, join(directory, option)])],
      // Without this option, istioctl asks the cluster for the default revision.
      ...['--revision', revision?.value ?? 'default'],
    ])
    assert.is(injected.status, 0, injected.stderr)
    assert.match(injected.stdout, 'name: istio-proxy')
    const containers = listAt(loadAll(injected.stdout)[0], 'spec', 'template', 'spec', 'containers')
    const application = containers.find(container => at(container, 'name') === 'cart')
    return ['readinessProbe', 'livenessProbe'].map(probe => at(application, probe))
  })
}
