import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listMissingFacts, printFieldFacts } from '../../bin/build/derive/field-facts.ts'
import { type JsonSchema, mapSchema, readRecord } from '../../schema/json-schema.ts'
import { MeshSpec } from '../../schema/spec/mesh.ts'

const fieldFacts = suite('facts of fields')

const language: JsonSchema = MeshSpec.toJSONSchema({ target: 'draft-07', io: 'input' })

/** The sections whose fields have facts, with the definition and the file of each. */
const sections = [
  { section: 'services', id: 'Service', file: 'schema/spec/services.ts', facts: ['x-about', 'x-topics'] },
  {
    section: 'observability',
    id: 'Observability',
    file: 'schema/spec/observability.ts',
    facts: ['x-topics'],
  },
  { section: 'defaults', id: 'Defaults', file: 'schema/spec/defaults.ts', facts: ['x-topics'] },
]

fieldFacts('each field has the facts that passes need', () => {
  assert.equal(listMissingFacts(language), [])
})

for (const { section, id, file, facts } of sections) {
  const definition = readRecord(readRecord(language['definitions'])[id])
  const fields = readRecord(definition['properties'])

  fieldFacts(`a field of ${section} without a fact is named, with ${file}`, () => {
    assert.ok(Object.keys(fields).length > 0)
    for (const fact of facts) {
      for (const field of Object.keys(fields)) {
        const bare = mapSchema(readRecord(fields[field]), ({ [fact]: _, ...rest }) => rest)
        const lacking = {
          ...language,
          definitions: {
            ...readRecord(language['definitions']),
            [id]: { ...definition, properties: { ...fields, [field]: bare } },
          },
        }
        assert.equal(listMissingFacts(lacking), [{ field: `${section}.${field}`, fact, file }])
        assert.throws(
          () => printFieldFacts(lacking),
          (error: Error) => error.message === `${file}: ${section}.${field} lacks '${fact}' in its .meta`,
        )
      }
    }
  })
}

fieldFacts.run()
