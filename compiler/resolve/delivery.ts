import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Delivery } from '../mesh/mesh.ts'
import { because, decided, SpecNode } from '../mesh/sourced.ts'
import { entries, said, saidOr } from './fields.ts'

/** How what is built reaches the cluster. */
export function resolveDelivery(spec: MeshSpec['delivery']): Delivery {
  const node = new SpecNode(undefined, 'delivery')
  return {
    repository: said(spec, node, 'repository'),
    revision: saidOr(spec, node, 'revision', 'default:delivery-revision', 'main'),
    sync: saidOr(spec, node, 'sync', 'default:delivery-sync', 'manual'),
    slackChannel: said(spec?.slack, node.at('slack'), 'channel'),
    outputs: outputsOf(spec, node),
  }
}

/** Everything, or what is listed. */
function outputsOf(spec: MeshSpec['delivery'], node: SpecNode): Delivery['outputs'] {
  const listed = spec?.outputs
  if (listed === undefined) {
    const everything = decided('default:delivery-outputs', true)
    return { argocd: everything, chart: everything, docs: everything }
  }
  return Object.fromEntries(entries(listed, node, 'outputs').map(word => [word.value, because(true, word)]))
}
