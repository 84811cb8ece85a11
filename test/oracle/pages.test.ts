import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalogue } from '../../compiler/catalogue.ts'
import { compileText } from '../support/compile-text.ts'
import { readPage } from '../support/diagnostic-page.ts'
import { writeCluster } from './outputs.ts'
import { oracle, requireOracle, withDirectory } from './tools.ts'

const pages = suite('pages')
const testCheck = await requireOracle(pages, 'check', 'certificate')

testCheck('the cluster accepts the right examples of diagnostics pages without a warning', () =>
  withDirectory(async directory => {
    const { checkAll, certificate } = await oracle()
    const companions = await certificate()
    const sets = []
    for (const { code } of catalogue) {
      const compiled = compileText(readPage(code).right.files, 'spec/prod/mesh.yaml')
      assert.ok(compiled.ok, code)
      sets.push(await writeCluster(compiled.value, join(directory, code), companions))
    }
    const result = (await checkAll(sets))
      .flatMap(({ directory, findings }) => findings.map(finding => ({ directory, ...finding })))
      // The author of a raw object answers for its content.
      .filter(({ file }) => !file.endsWith('.raw.yaml'))
    assert.equal(result, [])
  }),
)

pages.run()
