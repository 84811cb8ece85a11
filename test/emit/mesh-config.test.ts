import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileEnvironment } from '../support/specs.ts'

const test = suite('MeshConfig')

test('traces are no reason of the log provider, and the log is no reason of the trace provider', () => {
  const seen = { accessLog: 0, tracing: 0 }
  for (const { file, path, origins } of compileEnvironment('prod').sourceMap()) {
    if (!file.endsWith('values-istiod.yaml') || !path.includes('extensionProviders')) continue
    const lines = origins.filter(origin => typeof origin !== 'string').map(([, section]) => section)
    const section = lines.includes('accessLog') ? 'accessLog' : 'tracing'
    assert.equal([...new Set(lines)], [section], path.join('.'))
    seen[section]++
  }
  assert.ok(seen.accessLog > 2 && seen.tracing > 2, JSON.stringify(seen))
})

test.run()
