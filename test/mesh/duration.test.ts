import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseDuration, printIstioDuration } from '../../compiler/mesh/duration.ts'

const duration = suite('durations')

duration('have a length in milliseconds', () => {
  assert.equal(['250ms', '30s', '5m', '24h'].map(parseDuration), [250, 30_000, 300_000, 86_400_000])
})

duration('are written for Istio in seconds, or in milliseconds where those are not whole', () => {
  assert.equal(['250ms', '1500ms', '2000ms', '30s', '5m', '24h'].map(printIstioDuration), [
    '250ms',
    '1500ms',
    '2s',
    '30s',
    '300s',
    '86400s',
  ])
})

duration.run()
