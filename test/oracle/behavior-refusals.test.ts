import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { admissionCases } from '../behavior/admitted-objects.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const refusals = suite('refused objects, and the real validators')
const testRefusals = await requireOracle(refusals, 'check')

testRefusals(
  'an API server with the CRDs, or the webhook of Istio, refuses what the table says, and no other',
  () =>
    withDirectory(async directory => {
      const texts = admissionCases.map(({ object }) => JSON.stringify(object))
      await writeFile(join(directory, 'objects.yaml'), texts.join('\n---\n'))
      const findings = await (await oracle()).check(directory)
      // Analyzers report missing hosts, and admission does not.
      const errors = findings.filter(({ check, level }) => check !== 'analyze' && level === 'Error')
      const refused = new Set(errors.map(({ object }) => object))
      for (const { object, refusal } of admissionCases) {
        const { kind, metadata, spec } = object
        const isRefused = refused.has(`${kind} ${metadata.namespace}/${metadata.name}`)
        assert.is(isRefused, refusal !== undefined, `${kind} ${JSON.stringify(spec)}`)
      }
    }),
)

refusals.run()
