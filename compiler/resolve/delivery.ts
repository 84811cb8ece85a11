import { type SlackEvent, slackEvents } from '../../schema/slack-events.ts'
import type { MeshSpec } from '../../schema/spec/mesh.ts'
import { compare } from '../diagnostics/compare.ts'
import type { LayeredSpec } from '../mesh/layered-spec.ts'
import type { Cluster, Delivery, SyncWindow } from '../mesh/mesh.ts'
import { locateOutput } from '../mesh/output-folder.ts'
import { ownCluster } from '../mesh/own-cluster.ts'
import { because, decided, from, type Sourced, SpecNode, text } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { requiredField } from './diagnostics.ts'
import { listSourcedEntries, type Report, readField, readFieldOr } from './fields.ts'

/** Resolves the delivery of the output to the cluster, which is one of `clusters` or the only one. */
export function resolveDelivery(
  { value: { delivery: spec }, entry }: LayeredSpec,
  cluster: Cluster | undefined,
  report: Report,
): Delivery {
  const node = new SpecNode(undefined, 'delivery')
  const sync = readFieldOr(spec, node, 'sync', 'default:delivery-sync', 'manual')
  const argocd = node.at('argocd')
  const slack = node.at('slack')
  if (spec?.slack !== undefined && spec.slack.channel === undefined) {
    const params = { owner: '`slack`', field: 'its `channel`', example: 'channel: mesh-deploys' }
    report(requiredField(placeAtKey(slack), params))
  }
  return {
    repository: readField(spec, node, 'repository'),
    revision: cluster?.revision ?? readFieldOr(spec, node, 'revision', 'default:delivery-revision', 'main'),
    path: resolveOutputPath(spec, node, entry),
    cluster:
      cluster?.destination ?? readFieldOr(spec, node, 'cluster', 'default:delivery-cluster', ownCluster),
    argocd: {
      namespace: readFieldOr(spec?.argocd, argocd, 'namespace', 'default:argocd-namespace', 'argocd'),
      url: readField(spec?.argocd, argocd, 'url'),
    },
    window: findWindow(spec?.window, node.at('window'), report),
    sync,
    slackChannel: readField(spec?.slack, slack, 'channel'),
    slackEvents:
      spec?.slack?.events === undefined
        ? usualEvents(sync)
        : listSourcedEntries(spec.slack.events, slack, 'events'),
    neighbors: listSourcedEntries(spec?.neighbors, node, 'neighbors').map(file => text`manifests/${file}`),
    outputs: getOutputs(spec, node),
    documents: Object.entries(spec?.documents ?? {})
      .map(([name, template]) => {
        const origin = node.at('documents').at(name)
        return { name, origin, template: from(origin, template) }
      })
      .toSorted((a, b) => compare(a.name, b.name)),
  }
}

/** The folder of the environment, as a path from the root of the repository. */
function resolveOutputPath(spec: MeshSpec['delivery'], node: SpecNode, entry: string): Sourced<string> {
  const output = decided('default:delivery-path', locateOutput(entry))
  const folder = readField(spec, node, 'path')
  return folder === undefined ? output : text`${folder}/${output}`
}

function findWindow(
  spec: NonNullable<MeshSpec['delivery']>['window'],
  node: SpecNode,
  report: Report,
): SyncWindow | undefined {
  if (spec === undefined) return undefined
  const schedule = readField(spec, node, 'schedule')
  const duration = readField(spec, node, 'duration')
  const require = (field: string, example: string) =>
    report(requiredField(placeAtKey(node), { owner: 'the sync window', field, example }))
  if (schedule === undefined) require('when it opens', 'schedule: 0 9 * * 1-4')
  if (duration === undefined) require('how long it stays open', 'duration: 6h')
  if (schedule === undefined || duration === undefined) return undefined
  return {
    origin: node,
    schedule,
    duration,
    timeZone: readFieldOr(spec, node, 'timeZone', 'default:window-time-zone', 'UTC'),
  }
}

/** With a sync by hand, people need notifications about waiting and finished syncs. */
function usualEvents(sync: Delivery['sync']): readonly Sourced<SlackEvent>[] {
  const usual: readonly SlackEvent[] =
    sync.value === 'manual'
      ? slackEvents
      : slackEvents.filter(event => event === 'failed' || event === 'degraded')
  return usual.map(event => because(event, 'default:slack-events', sync))
}

/** Resolves the outputs: all, or the listed ones. */
function getOutputs(spec: MeshSpec['delivery'], node: SpecNode): Delivery['outputs'] {
  const listed = spec?.outputs
  if (listed === undefined) {
    const everything = decided('default:delivery-outputs', true)
    return { argocd: everything, chart: everything, docs: everything }
  }
  return Object.fromEntries(
    listSourcedEntries(listed, node, 'outputs').map(word => [word.value, because(true, word)]),
  )
}
