import { placeAt, placeAtKey } from '../../../mesh/spec-place.ts'
import { listEnvoyFilters, readEntries, readFields } from '../../raw-fields.ts'
import { defineRule } from '../../rule.ts'

const relative = ['INSERT_BEFORE', 'INSERT_AFTER', 'REMOVE', 'REPLACE']
const replaceable = ['NETWORK_FILTER', 'HTTP_FILTER', 'VIRTUAL_HOST']
const fixed = ['ROUTE_CONFIGURATION', 'HTTP_ROUTE']

/** See https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation */
export const filterOperations = defineRule<{ operation: string; applyTo: string | undefined }>(
  {
    code: 'MESH3703',
    severity: 'error',
    summary: 'An EnvoyFilter uses an operation that `applyTo` supports, in an order that `priority` fixes',
    covers: ['IST0151', 'IST0152', 'IST0153', 'IST0154', 'IST0155'],
    message: p =>
      p.applyTo === undefined
        ? `\`${p.operation}\` depends on the order of filters, and this one has no \`priority\``
        : `\`${p.applyTo}\` does not support \`${p.operation}\``,
    help: p =>
      p.applyTo === undefined
        ? 'set a `priority` other than 0, or use `INSERT_FIRST` or `MERGE`'
        : 'use `MERGE`',
  },
  function* (mesh, report) {
    for (const { spec, origin } of listEnvoyFilters(mesh)) {
      const isOrdered = typeof spec['priority'] === 'number' && spec['priority'] !== 0
      for (const [index, patch] of readEntries(spec['configPatches']).entries()) {
        const { applyTo, patch: change } = readFields(patch)
        const { operation } = readFields(change)
        const node = origin.at('configPatches').at(index)
        const place = node.at('patch').at('operation')
        if (typeof operation !== 'string' || typeof applyTo !== 'string') continue
        const isImpossible =
          operation === 'REPLACE'
            ? !replaceable.includes(applyTo)
            : ['ADD', 'REMOVE'].includes(operation) && fixed.includes(applyTo)
        if (isImpossible) {
          const related = { at: placeAt(node.at('applyTo')), message: 'the operation applies to this' }
          yield report(placeAt(place), { operation, applyTo }, [related])
        } else if (relative.includes(operation) && !isOrdered) {
          const related = { at: placeAtKey(origin), message: 'the filter has no `priority`' }
          yield report(placeAt(place), { operation, applyTo: undefined }, [related])
        }
      }
    }
  },
)
