// Argo CD's own notifications run with the settings of meshc. They evaluate its triggers and render its
// templates for Applications that an API server holds.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type SlackEvent, slackEvents } from '../../schema/slack-events.ts'
import { at } from '../support/at.ts'
import { compileText } from '../support/compile-text.ts'
import { type Cluster, startCluster } from './cluster.ts'
import type { CommandResult } from './command.ts'
import { oracle, requireOracle } from './tools.ts'

const notifications = suite('notifications of Argo CD')
const testArgocd = await requireOracle(notifications, 'clusterPrograms', 'argocd')

/** Applications in the states that Argo CD leaves, and the notifications of each. */
const applications: Readonly<
  Record<
    string,
    { readonly status?: object; readonly enabled?: boolean; readonly told: readonly SlackEvent[] }
  >
> = {
  new: { told: [] },
  'not-synced-yet': {
    status: { sync: { status: 'OutOfSync', revision: 'b2' }, health: { status: 'Missing' } },
    told: ['waiting'],
  },
  'about-to-sync': {
    status: { sync: { status: 'OutOfSync', revision: 'b2' }, health: { status: 'Missing' } },
    enabled: true,
    told: [],
  },
  refused: {
    status: {
      ...inStep('OutOfSync', 'Healthy'),
      operationState: operation('Failed', 'admission webhook "validation.istio.io" denied the request'),
    },
    told: ['failed', 'waiting'],
  },
  broken: {
    status: { ...inStep('Synced', 'Degraded'), operationState: operation('Succeeded') },
    told: ['degraded'],
  },
  unreadable: { status: inStep('Unknown', 'Healthy'), told: ['unknown'] },
  well: {
    status: { ...inStep('Synced', 'Healthy'), operationState: operation('Succeeded') },
    told: ['deployed'],
  },
}

let cluster: Cluster
let configMap: string

notifications.before(async () => {
  cluster = await startCluster()
  const result = compileText(
    [
      ...['meshc: v1', 'mesh: shop', 'delivery:', '  repository: https://git.example.com/mesh.git'],
      ...['  argocd: { url: https://argocd.example.com }', '  slack: { channel: mesh-deploys }', ''],
    ].join('\n'),
  )
  assert.ok(result.ok)
  const file = [...result.value.files()].find(({ path }) => path === 'argocd/notifications.yaml')
  configMap = join(cluster.directory, 'notifications.yaml')
  await writeFile(configMap, file!.text)
  await cluster.kubectlOrThrow(['create', 'namespace', 'argocd'])
  const objects = Object.entries(applications).map(([name, { status, enabled = false }]) =>
    applicationObject(name, status, enabled),
  )
  const project = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'shop-prod', namespace: 'argocd' },
    spec: {},
  }
  await cluster.kubectlOrThrow(
    ['create', '-f', '-'],
    [project, ...objects].map(object => JSON.stringify(object)).join('\n---\n'),
  )
})
notifications.after(async () => cluster?.stop())

for (const [name, { told: reported }] of Object.entries(applications))
  testArgocd(
    `an Application that is ${name.replaceAll('-', ' ')} sends: ${reported.join(', ') || 'nothing'}`,
    async () => {
      const matches: SlackEvent[] = []
      for (const event of slackEvents) {
        const { status, stdout, stderr } = await notify(['trigger', 'run', `on-mesh-${event}`, name])
        assert.is(status, 0, stderr)
        assert.not.match(stderr, /"level":"error"/, 'the condition can be evaluated')
        const [, result] = / +(true|false) *$/m.exec(stdout) ?? []
        assert.ok(result !== undefined, stdout)
        if (result === 'true') matches.push(event)
      }
      assert.equal(matches, reported)
    },
  )

testArgocd('every template is rendered, with a link and the message of the refusal', async () => {
  for (const event of slackEvents) {
    const { status, stdout, stderr } = await notify(['template', 'notify', `mesh-${event}`, 'refused'])
    assert.is(status, 0, stderr)
    const rendered = load(stdout)
    assert.not.match(stdout, /<no value>|\{\{/)
    assert.match(String(at(rendered, 'message')), /^:[a-z_]+: refused /)
    const [attachment] = JSON.parse(String(at(rendered, 'slack', 'attachments')))
    assert.is(attachment.title_link, 'https://argocd.example.com/applications/refused')
    assert.equal(
      attachment.fields.map(({ value }: { readonly value: string }) => value),
      ['prod', 'b2'],
    )
  }
  const { stdout } = await notify(['template', 'notify', 'mesh-failed', 'refused'])
  assert.match(String(at(load(stdout), 'message')), /"validation\.istio\.io" denied the request$/)
})

testArgocd('a missing trigger and an invalid condition are reported', async () => {
  const { stderr } = await notify(['trigger', 'run', 'on-mesh-nothing', 'well'])
  assert.match(stderr, /trigger with name 'on-mesh-nothing' does not exist/)
  const careless = join(cluster.directory, 'careless.yaml')
  await writeFile(careless, (await readFile(configMap, 'utf8')).replaceAll('?.', '.'))
  const evaluated = await notify(['trigger', 'run', 'on-mesh-waiting', 'new'], careless)
  assert.match(evaluated.stderr, /"level":"error".*failed to execute when condition/)
})

notifications.run()

async function notify(commandLine: readonly string[], settings = configMap): Promise<CommandResult> {
  const { argocd } = await oracle()
  // No notification is sent: the options need no secret, and the recipient is the console.
  const options = ['--namespace', 'argocd', '--config-map', settings, '--secret', ':empty']
  return argocd(['admin', 'notifications', ...commandLine, ...options], {
    environment: { KUBECONFIG: cluster.kubeconfig, HOME: cluster.directory },
  })
}

function inStep(sync: string, health: string): object {
  return { sync: { status: sync, revision: 'b2' }, health: { status: health } }
}

function operation(phase: string, message = ''): object {
  const revision = 'a1'
  return { phase, message, startedAt: '2026-11-24T12:00:00Z', operation: {}, syncResult: { revision } }
}

function applicationObject(name: string, status: object | undefined, enabled: boolean): object {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', labels: { environment: 'prod' } },
    spec: {
      project: 'shop-prod',
      source: { repoURL: 'https://git.example.com/mesh.git', path: 'out/prod/manifests' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'istio-system' },
      // The sync policies that meshc writes: automated sync, and sync by a person.
      syncPolicy: enabled ? { automated: {} } : {},
    },
    status,
  }
}
