import fc from 'fast-check'
import { loadAll, YAML11_SCHEMA } from 'js-yaml'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { specs } from '../arbitraries/mesh.ts'
import { holds } from '../holds.ts'
import { compileSpec } from '../support/specs.ts'

const readers = suite('YAML readers')

readers('every file says the same to a reader of YAML 1.1, such as Kubernetes, and of YAML 1.2', () => {
  holds(
    fc.property(specs(), spec => {
      for (const { path, text } of compileSpec(spec).files()) {
        if (!path.endsWith('.yaml')) continue
        const read = (version: '1.1' | '1.2') =>
          parseAllDocuments(text, { version, strict: true }).map(document => {
            assert.equal([...document.errors, ...document.warnings], [], path)
            return document.toJS()
          })
        const modern = read('1.2')
        assert.equal(read('1.1'), modern, path)
        assert.equal(loadAll(text), modern, path)
        assert.equal(loadAll(text, { schema: YAML11_SCHEMA }), modern, path)
      }
    }),
  )
})

readers.run()
