import { at, keyOf } from '../places.ts'
import { entriesOf, envoyFilters, fieldsOf } from '../raw-fields.ts'
import { defineRule } from '../rule.ts'

const relative = ['INSERT_BEFORE', 'INSERT_AFTER', 'REMOVE', 'REPLACE']
const replaceable = ['NETWORK_FILTER', 'HTTP_FILTER', 'VIRTUAL_HOST']
const fixed = ['ROUTE_CONFIGURATION', 'HTTP_ROUTE']

/** See https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation */
export const filterOperations = defineRule<{ operation: string; applyTo: string | undefined }>(
  {
    code: 'MESH3703',
    severity: 'error',
    summary: 'An operation of an EnvoyFilter can be done to what it names, in an order that is said',
    covers: ['IST0151', 'IST0152', 'IST0153', 'IST0154', 'IST0155'],
    message: p =>
      p.applyTo === undefined
        ? `\`${p.operation}\` depends on the order of filters, and this one has no \`priority\``
        : `\`${p.operation}\` cannot be done to \`${p.applyTo}\``,
    help: p =>
      p.applyTo === undefined
        ? 'say a `priority` other than 0, or use `INSERT_FIRST` or `MERGE`'
        : 'use `MERGE`',
  },
  function* (mesh, report) {
    for (const { spec, origin } of envoyFilters(mesh)) {
      const isOrdered = typeof spec['priority'] === 'number' && spec['priority'] !== 0
      for (const [index, patch] of entriesOf(spec['configPatches']).entries()) {
        const { applyTo, patch: change } = fieldsOf(patch)
        const { operation } = fieldsOf(change)
        const node = origin.at('configPatches').at(index)
        const place = node.at('patch').at('operation')
        if (typeof operation !== 'string' || typeof applyTo !== 'string') continue
        const isImpossible =
          operation === 'REPLACE'
            ? !replaceable.includes(applyTo)
            : ['ADD', 'REMOVE'].includes(operation) && fixed.includes(applyTo)
        if (isImpossible) {
          const related = { at: at(node.at('applyTo')), message: 'what it is done to' }
          yield report(at(place), { operation, applyTo }, [related])
        } else if (relative.includes(operation) && !isOrdered) {
          const related = { at: keyOf(origin), message: 'the filter has no `priority`' }
          yield report(at(place), { operation, applyTo: undefined }, [related])
        }
      }
    }
  },
)
