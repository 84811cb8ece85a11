import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundle, ended, meshc } from '../support/meshc.ts'
import { getMesh, project, write } from '../support/project.ts'

const test = suite('bin/locate')

const base = getMesh(2, 'prod').replace('environment: prod\n', '')
const layer = (name: string) => `meshc: v1\nenvironment: ${name}\nextends: ../base/mesh.yaml\n`
const service = 'out/prod/manifests/shop/service-1.yaml'

async function shop(): Promise<string> {
  const folder = project({
    'spec/base/mesh.yaml': base,
    'spec/prod/mesh.yaml': `${layer('prod')}defaults: { timeout: 7s }\n`,
    'spec/dev/mesh.yaml': layer('dev'),
  })
  assert.is((await meshc(folder, ['build'])).code, 0)
  return folder
}

/** Runs `meshc locate` with findings on standard input. */
function located(folder: string, findings: unknown, ...words: readonly string[]) {
  const child = spawn(process.execPath, [bundle, 'locate', ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  })
  child.stdin.end(typeof findings === 'string' ? findings : JSON.stringify(findings))
  return ended(child)
}

const getLine = (folder: string, file: string, text: string) =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .findIndex(line => line.includes(text)) + 1

/** Makes a message in the form of istioctl 1.31. */
const istioMessage = (reference: string, level = 'Error') => ({
  code: 'IST0101',
  documentationUrl: 'https://istio.io/v1.31/docs/reference/config/analysis/ist0101/?ref=istioctl-analyze',
  level,
  message: 'Referenced host not found: "service-1"',
  origin: 'VirtualService shop/service-1',
  reference,
})

/** Lists the findings, as `file:line code`. */
async function getPlaces(folder: string, findings: unknown, ...words: readonly string[]) {
  const { stdout, stderr } = await located(folder, findings, '--json', ...words)
  assert.is(stderr, '')
  const { tool, diagnostics } = JSON.parse(stdout)
  const places = diagnostics.map(({ file, line, code }: Record<string, unknown>) => `${file}:${line} ${code}`)
  return { tool, places }
}

test('istioctl analyze: a file and line of out/ is mapped to the line of the spec', async () => {
  const folder = await shop()
  const line = getLine(folder, service, 'timeout:')
  const { code, stdout, stderr } = await located(folder, [istioMessage(`${service}:${line}`)])
  assert.is(code, 1)
  assert.is(stdout, '')
  assert.match(stderr, /^error\[IST0101\]: Referenced host not found/)
  assert.match(stderr, '--> spec/prod/mesh.yaml:4:22')
  assert.match(
    stderr,
    `it is about \`VirtualService/shop/service-1#/spec/http/0/timeout\` at ${service}:${line}`,
  )
  assert.match(stderr, 'see https://istio.io/v1.31/docs/reference/config/analysis/ist0101/')
  assert.not.match(stderr, 'meshc explain')
  for (const reference of [`./${service}:${line}`, join(folder, `${service}:${line}`)])
    assert.equal(await getPlaces(folder, [istioMessage(reference)]), {
      tool: 'istioctl',
      places: ['spec/prod/mesh.yaml:4 IST0101'],
    })
})

test('istioctl analyze of a cluster names only objects: locate maps them in each environment, or in that of `--env`', async () => {
  const folder = await shop()
  const subject = (kind: string) => [
    { ...istioMessage(''), reference: undefined, origin: `${kind} shop/service-1` },
  ]
  const inAll = await getPlaces(folder, subject('VirtualService'))
  assert.equal(inAll.places, [
    `spec/base/mesh.yaml:${getLine(folder, 'spec/base/mesh.yaml', 'service-1:')} IST0101`,
  ])
  write(folder, { 'spec/dev/mesh.yaml': `${layer('dev')}services: { service-1: { timeout: 3s } }\n` })
  assert.is((await getPlaces(folder, subject('VirtualService'))).places.length, 2)
  assert.equal((await getPlaces(folder, subject('VirtualService'), '--env', 'dev')).places, [
    'spec/dev/mesh.yaml:4 IST0101',
  ])
})

test('warnings alone are no failure, and an empty input has no findings', async () => {
  const folder = await shop()
  const line = getLine(folder, service, 'timeout:')
  assert.is((await located(folder, [istioMessage(`${service}:${line}`, 'Warning')])).code, 0)
  const none = await located(folder, [])
  assert.is(none.code, 0)
  assert.match(none.stderr, 'istioctl has 0 findings; at the spec: nothing')
})

test('Argo CD: conditions, what could not be applied, what is ill and what differs', async () => {
  const folder = await shop()
  const application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'mesh', namespace: 'argocd' },
    status: {
      conditions: [
        { type: 'SyncError', message: 'Failed sync attempt', lastTransitionTime: '2026-01-01T00:00:00Z' },
      ],
      sync: { status: 'OutOfSync' },
      operationState: {
        phase: 'Failed',
        syncResult: {
          resources: [
            {
              group: 'networking.istio.io',
              version: 'v1',
              kind: 'VirtualService',
              namespace: 'shop',
              name: 'service-1',
              status: 'SyncFailed',
              message: 'admission webhook denied the request',
            },
            {
              group: 'networking.istio.io',
              version: 'v1',
              kind: 'Sidecar',
              namespace: 'shop',
              name: 'service-1',
              status: 'Synced',
              message: 'unchanged',
            },
          ],
        },
      },
      resources: [
        {
          kind: 'Sidecar',
          namespace: 'shop',
          name: 'service-0',
          status: 'OutOfSync',
          health: { status: 'Healthy' },
        },
        { kind: 'ConfigMap', namespace: 'shop', name: 'not-ours', status: 'OutOfSync' },
      ],
    },
  }
  const zero = getLine(folder, 'spec/base/mesh.yaml', 'service-0:')
  const line = getLine(folder, 'spec/base/mesh.yaml', 'service-1:')
  for (const document of [application, { items: [application] }, [application]])
    assert.equal(await getPlaces(folder, document, '--env', 'prod'), {
      tool: 'Argo CD',
      places: [
        `spec/base/mesh.yaml:${line} SyncFailed`,
        `spec/base/mesh.yaml:${zero} OutOfSync`,
        'the application:undefined SyncError',
        'ConfigMap/shop/not-ours:undefined OutOfSync',
      ],
    })
  assert.match(
    (await located(folder, application)).stderr,
    'meshc does not make the file or object of this finding',
  )
})

test('Kiali: kinds in either spelling, and paths into the object', async () => {
  const folder = await shop()
  const check = {
    code: 'KIA1101',
    severity: 'error',
    message: 'host not found',
    path: 'spec/http[0]/timeout',
  }
  const object = { name: 'service-1', namespace: 'shop', valid: false, checks: [check], references: null }
  const now = {
    'networking.istio.io/v1, Kind=VirtualService': {
      'service-1.shop': {
        ...object,
        objectGVK: { Group: 'networking.istio.io', Version: 'v1', Kind: 'VirtualService' },
      },
    },
  }
  const before = { virtualservice: { 'service-1.shop': { ...object, objectType: 'virtualservice' } } }
  for (const validations of [now, before, { validations: now }, { istioValidations: [before] }])
    assert.equal(await getPlaces(folder, validations, '--env', 'prod'), {
      tool: 'Kiali',
      places: ['spec/prod/mesh.yaml:4 KIA1101'],
    })
  const beyond = {
    ...object,
    objectType: 'virtualservice',
    checks: [{ ...check, path: 'spec/http[0]/route[9]/weight' }],
  }
  assert.equal((await getPlaces(folder, { beyond }, '--env', 'prod')).places.length, 1)
})

test('the formats of reports hold codes of other tools', async () => {
  const folder = await shop()
  const findings = [istioMessage(`${service}:${getLine(folder, service, 'timeout:')}`)]
  for (const format of ['sarif', 'github', 'gitlab', 'junit']) {
    const { code, stdout } = await located(folder, findings, '--format', format)
    assert.is(code, 1)
    assert.match(stdout, 'IST0101')
    assert.match(stdout, 'spec/prod/mesh.yaml')
  }
})

test('input without findings: exit 2, and the reason', async () => {
  const folder = await shop()
  write(folder, { 'findings.json': '{"a": 1}' })
  for (const [text, expected] of [
    ['', 'standard input is not JSON'],
    ['✔ No validation issues found', 'standard input is not JSON'],
    ['{"a": {"b": [1, null]}}', 'holds no findings'],
    ['"text"', 'holds no findings'],
  ] as const) {
    const { code, stderr } = await located(folder, text)
    assert.is(code, 2, stderr)
    assert.match(stderr, expected)
    assert.match(stderr, 'istioctl analyze -o json')
  }
  assert.match((await located(folder, '', 'findings.json')).stderr, '`findings.json` holds no findings')
  assert.match((await located(folder, '', 'nothing.json')).stderr, 'there is no such file')
})

test.run()
