import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Delivery } from '../mesh/mesh.ts'
import { SpecNode } from '../mesh/sourced.ts'
import { said, saidOr } from './fields.ts'

/** How what is built reaches the cluster. */
export function resolveDelivery(spec: MeshSpec['delivery']): Delivery {
  const node = new SpecNode(undefined, 'delivery')
  return {
    repository: said(spec, node, 'repository'),
    revision: saidOr(spec, node, 'revision', 'default:delivery-revision', 'main'),
    sync: saidOr(spec, node, 'sync', 'default:delivery-sync', 'manual'),
    slackChannel: said(spec?.slack, node.at('slack'), 'channel'),
  }
}
