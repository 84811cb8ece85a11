import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeJsonConverter } from '../../compiler/diagnostics/json.ts'

const test = suite('diagnostics/json')

test('lines and columns from 1, the end exclusive, the other party with its own', () => {
  const toJson = makeJsonConverter([
    { name: 'spec/prod/mesh.yaml', text: 'services:\r\n  cart: {}\r\n  cart: {}\n' },
  ])
  const json = toJson({
    code: 'MESH1002',
    severity: 'error',
    message: '`cart` is set twice in one map',
    at: { file: 'spec/prod/mesh.yaml', start: 25, end: 29 },
    related: [
      { at: { file: 'spec/prod/mesh.yaml', start: 13, end: 17 }, message: '`cart` is first set here' },
    ],
    help: 'keep one of the two',
  })
  assert.equal(json, {
    code: 'MESH1002',
    severity: 'error',
    message: '`cart` is set twice in one map',
    file: 'spec/prod/mesh.yaml',
    line: 3,
    column: 3,
    endLine: 3,
    endColumn: 7,
    related: [
      {
        message: '`cart` is first set here',
        file: 'spec/prod/mesh.yaml',
        line: 2,
        column: 3,
        endLine: 2,
        endColumn: 7,
      },
    ],
    help: 'keep one of the two',
  })
})

test('a file without text is named without a line', () => {
  const at = { file: 'spec/prod/gone.yaml', start: 0, end: 0 }
  const json = makeJsonConverter([])({
    code: 'MESH1005',
    severity: 'error',
    message: 'gone',
    at,
    related: [],
  })
  assert.equal(json, {
    code: 'MESH1005',
    severity: 'error',
    message: 'gone',
    file: 'spec/prod/gone.yaml',
    related: [],
  })
})

test.run()
