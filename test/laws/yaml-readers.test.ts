import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { everySpec } from '../support/drawn-specs.ts'
import { compileSpec } from '../support/specs.ts'

const readers = suite('YAML readers')

readers(
  'every file has the same values for a reader of YAML 1.1, such as Kubernetes, and of YAML 1.2',
  () => {
    everySpec(spec => {
      for (const { path, text } of compileSpec(spec).files()) {
        // The templates of the chart are not YAML before Helm renders them.
        if (!path.endsWith('.yaml') || path.startsWith('chart/templates/')) continue
        const read = (version: '1.1' | '1.2') =>
          parseAllDocuments(text, { version, strict: true }).map(document => {
            assert.equal([...document.errors, ...document.warnings], [], path)
            return document.toJS()
          })
        // The values are compared as texts: for `assert.equal`, maps with a key `constructor` are never
        // equal.
        const same = (values: unknown, others: unknown) =>
          assert.is(JSON.stringify(values), JSON.stringify(others), path)
        const modern = read('1.2')
        same(read('1.1'), modern)
        same(loadAll(text), modern)
        same(loadAll(text, { schema: YAML11_SCHEMA }), modern)
      }
    })
  },
)

readers.run()
