import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseCpu, parseMemory } from '../../compiler/mesh/quantity.ts'

const quantity = suite('quantities')

quantity('of CPU are compared in millicores', () => {
  assert.equal(['500m', '2000m'].map(parseCpu), [500, 2000])
})

quantity('of memory are compared in bytes', () => {
  assert.equal(['64Ki', '512Mi', '2Gi'].map(parseMemory), [65_536, 536_870_912, 2_147_483_648])
  assert.ok(parseMemory('1Gi') === parseMemory('1024Mi'))
})

quantity.run()
