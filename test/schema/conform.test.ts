import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findManifestViolations, printViolations, targetKinds } from '../../schema/conform.ts'
import { examples } from './examples.ts'

const conform = suite('conform')

for (const kind of targetKinds) {
  const { good, bad } = examples[kind]
  conform(`a good ${kind} violates nothing`, () => {
    for (const body of good) assert.equal(printViolations(kind, body), [])
  })
  for (const [path, value, stated] of bad)
    conform(`a bad ${kind} is reported: ${stated}`, () => {
      const violations = printViolations(kind, changed(good[0], path, value))
      assert.ok(
        violations.some(violation => violation.startsWith(stated)),
        `${violations.join('\n')}\nis what was said, not\n${stated}`,
      )
    })
}

conform('exactly the faults of a spec are reported', () => {
  const route = { rout: [], timeout: '5m', directResponse: { status: 100 } }
  assert.equal(printViolations('VirtualService', { hosts: [], http: [route] }), [
    'VirtualService/hosts: must have at least 1 entry',
    'VirtualService/http/0: unknown field `rout`',
    'VirtualService/http/0/directResponse/status: must be at least 200',
    'VirtualService/http/0/timeout: must match `^[1-9][0-9]*(ms|s)$`',
  ])
})

const strict = {
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: {
    name: 'default',
    namespace: 'istio-system',
    labels: { 'app.kubernetes.io/managed-by': 'meshc' },
  },
  spec: { mtls: { mode: 'STRICT' } },
}
const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } },
}
const kustomization = {
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  sortOptions: { order: 'fifo' },
  resources: ['a.yaml'],
}

conform('a manifest is held against the envelope of its kind, too', () => {
  for (const manifest of [strict, namespace, kustomization])
    assert.equal(findManifestViolations(manifest), [])
  const reported: readonly (readonly [unknown, readonly string[]])[] = [
    [[], ['a manifest must be an object']],
    [{ kind: 'Deployment' }, ['no target schema is for the kind `Deployment`']],
    [{ ...strict, kind: undefined }, ['no target schema is for the kind `undefined`']],
    [
      { ...strict, apiVersion: 'security.istio.io/v1beta1' },
      ['PeerAuthentication/apiVersion: must be `security.istio.io/v1`'],
    ],
    [{ ...strict, status: {} }, ['PeerAuthentication: unknown field `status`']],
    [{ ...strict, spec: undefined }, ['PeerAuthentication: must be an object']],
    [{ ...strict, metadata: { name: 'default' } }, ['PeerAuthentication/metadata: must have `namespace`']],
    [{ ...namespace, spec: {} }, ['Namespace: unknown field `spec`']],
    [
      { ...namespace, metadata: { name: 'shop', namespace: 'shop' } },
      ['Namespace/metadata: unknown field `namespace`'],
    ],
    [{ ...kustomization, metadata: { name: 'shop' } }, ['Kustomization: unknown field `metadata`']],
  ]
  for (const [manifest, stated] of reported) assert.equal(findManifestViolations(manifest), stated)
})

conform.run()

/** Replaces the value at a path; `undefined` removes it. */
function changed(value: unknown, path: readonly (string | number)[], replacement: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return replacement
  const inner = changed(Object(value)[key], rest, replacement)
  if (Array.isArray(value)) return value.map((entry, index) => (index === key ? inner : entry))
  const entries = Object.entries({ ...Object(value), [key]: inner })
  return Object.fromEntries(entries.filter(([, entry]) => entry !== undefined))
}
