import type { MeshSpec } from '../../schema/spec/mesh.ts'
import type { Policy } from '../mesh/mesh.ts'
import { from, SpecNode } from '../mesh/sourced.ts'
import { placeAtKey } from '../mesh/spec-place.ts'
import { requiredField } from './diagnostics.ts'
import { emptyList, type Report, readField, sortKeys } from './fields.ts'

/** Resolves the policies of the owners of the mesh, sorted by name. The expressions are compiled later. */
export function resolvePolicies(spec: MeshSpec['policies'], report: Report): readonly Policy[] {
  if (spec === undefined) return emptyList
  const node = new SpecNode(undefined, 'policies')
  return sortKeys(spec).flatMap(name => {
    const written = spec[name]!
    const origin = node.at(name)
    const { matchConditions = emptyList, variables = emptyList, validations = emptyList } = written
    const owner = `the policy \`${name}\``
    if (written.for === undefined)
      report(requiredField(placeAtKey(origin), { owner, field: 'what it checks', example: 'for: services' }))
    if (written.validations === undefined)
      report(
        requiredField(placeAtKey(origin), {
          owner,
          field: 'what must hold',
          example: "validations: [{ expression: 'has(object.owner)' }]",
        }),
      )
    if (written.for === undefined) return []
    return {
      origin,
      name,
      target: written.for,
      kinds: written.kinds ?? emptyList,
      conditions: matchConditions.map(({ expression }, index) =>
        from(origin.at('matchConditions').at(index).at('expression'), expression),
      ),
      variables: variables.map(({ name, expression }, index) => ({
        name,
        expression: from(origin.at('variables').at(index).at('expression'), expression),
      })),
      validations: validations.map((validation, index) => {
        const place = origin.at('validations').at(index)
        return {
          expression: from(place.at('expression'), validation.expression),
          message: validation.message,
          messageExpression: readField(validation, place, 'messageExpression'),
        }
      }),
      isWarning: written.validationActions?.[0] === 'Warn',
      link: written.link,
    }
  })
}
