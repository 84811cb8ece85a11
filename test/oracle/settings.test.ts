import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { oracle, requireOracle } from './tools.ts'

const shapesOfSettings = suite('the shapes of Istio’s settings')
const test = await requireOracle(shapesOfSettings, 'settings')
const file = fileURLToPath(new URL('../../schema/istio-settings.json', import.meta.url))

test('schema/istio-settings.json agrees with the messages of Istio', async () => {
  const made = await (await oracle()).settings()
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeFileSync(file, made)
  assert.ok(readFileSync(file, 'utf8') === made, 'stale: UPDATE_GOLDEN=1 makes it anew')
})

shapesOfSettings.run()
