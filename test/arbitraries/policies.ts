import fc from 'fast-check'
import type { MeshFile } from '../../schema/spec/mesh.ts'

type Policies = NonNullable<MeshFile['policies']>

/** Policies that hold for every spec. Each is about other objects; together they use every field. */
const sound: Policies = {
  named: {
    for: 'services',
    matchConditions: [{ name: 'called', expression: 'size(object.ports) > 0' }],
    variables: [
      { name: 'callers', expression: 'object.allow.map(a, a.from)' },
      { name: 'isBounded', expression: 'object.timeout != "none"' },
    ],
    validations: [
      {
        expression: '!variables.isBounded || duration(object.timeout) > duration("0s")',
        message: 'a timeout is positive',
      },
      {
        expression: 'variables.callers.all(c, c != object.name + "!")',
        messageExpression: '"the callers of " + object.key + " are misspelt"',
      },
    ],
    link: 'https://wiki.example.com/mesh/names?page=1',
  },
  entrances: {
    for: 'gateways',
    validations: [{ expression: 'object.egress || object.eastWest || size(object.hosts) > 0' }],
  },
  exits: {
    for: 'external',
    validationActions: ['Warn'],
    validations: [{ expression: 'object.port > 0 && object.hosts.all(h, h.contains("."))' }],
  },
  edges: { for: 'edges', validations: [{ expression: 'object.from != "" && object.to != ""' }] },
  namespaces: {
    for: 'namespaces',
    validationActions: ['Deny'],
    validations: [{ expression: 'object.mtls == "strict" || object.mtls == "permissive"' }],
  },
  whole: { for: 'mesh', validations: [{ expression: 'mesh.services.all(s, s.namespace != "")' }] },
  written: {
    for: 'manifests',
    kinds: ['Sidecar', 'DestinationRule'],
    validations: [{ expression: 'has(object.metadata.name) && object.apiVersion.matches("^[a-z0-9./]+$")' }],
  },
}

/** Draws some of these policies. */
export const policies: fc.Arbitrary<Policies> = fc
  .subarray(Object.keys(sound), { minLength: 1 })
  .map(names => Object.fromEntries(names.map(name => [name, sound[name]!])))
