import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile } from '../../compiler/compile.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { compileText } from '../support/compile-text.ts'

const syntax = suite('source: syntax')

/** Texts that are not YAML, or that use YAML features that a spec cannot use, with all their messages. */
const cases: Readonly<Record<string, readonly [text: string, message: string, help: string]>> = {
  'an open bracket': [
    'port: { http: 8080\ntimeout: 5s',
    'this is not YAML: a bracket or quote is still open here',
    'close it, or indent what is inside it deeper than its key',
  ],
  'an open quote': [
    'owner: "team\ntimeout: 5s',
    'this is not YAML: a bracket or quote is still open here',
    'close it, or indent what is inside it deeper than its key',
  ],
  'a bracket in the column of its key': [
    'allow: [\n  { from: web }\n]',
    'this is not YAML: `]` is not indented deeper than the key whose value it closes',
    'indent it by a space more',
  ],
  'a bracket too many': [
    'port: { http: 8080 }}',
    'this is not YAML: `}` closes no bracket that is open',
    'let brackets match in pairs',
  ],
  'two brackets that cross': [
    'allow: [{ from: web ]}',
    'this is not YAML: `]` closes no bracket that is open',
    'let brackets match in pairs',
  ],
  'no comma between entries': [
    'allow: [{ from: web } { from: cart }]',
    'this is not YAML: a comma or a closing bracket is missing',
    'put a comma between two entries',
  ],
  'a tab': [
    '\tport: { http: 8080 }',
    'this is not YAML: this line is indented with a tab',
    'indent with spaces',
  ],
  'a line between two columns': [
    'timeout: 5s\n retries: none',
    'this is not YAML: this line is indented unlike those it belongs to',
    'the keys of one map begin in one column, and so do the dashes of one list',
  ],
  'a key without a space behind its colon': [
    'owner:team\ntimeout: 5s',
    'this is not YAML: a line above has no `: `',
    'write `key: value`, with a space after the colon',
  ],
  'a last key without a colon': [
    'timeout: 5s\nowner',
    'this is not YAML: this line has no `: `',
    'write `key: value`, with a space after the colon',
  ],
  'a colon in a value': [
    'owner: team: api',
    'this is not YAML: a second key stands on this line',
    'put a value that holds `: ` in quotes',
  ],
  'a sign that YAML reserves': [
    'owner: @team',
    'this is not YAML: a value cannot begin with `@`',
    'put the value in quotes',
  ],
  'a list behind its key': [
    'allow: - from: web',
    'this is not YAML: a list cannot begin behind its key',
    'begin it on a line of its own',
  ],
  'words after a quote': [
    "owner: 'team's'",
    'this is not YAML: the value has ended before this',
    'put the whole value in quotes',
  ],
  'a wildcard without quotes': [
    'expose: [{ gateway: public, host: *.example.com }]',
    '`*.example.com` is read as an alias, but no anchor has this name',
    'put it in quotes',
  ],
  'a star without quotes': [
    'jwt: { audiences: [*] }',
    'this is not YAML: a value cannot begin with `*`',
    'put the value in quotes',
  ],
  'a merge key': [
    'workload: &w { labels: { app: cart } }\nversions: { v1: { <<: *w } }',
    'a spec cannot use a merge key `<<`',
    'write the fields out; what all services share goes into `defaults`, what environments share into a layer that they extend',
  ],
  'a number without an end': [
    'port: { http: .inf }',
    'a spec cannot use the number `.inf`',
    'write a number of at most 15 digits, or put a text in quotes',
  ],
  'a number that would be rounded': [
    'owner: 12345678901234567890',
    'a spec cannot use the number `12345678901234567890`',
    'write a number of at most 15 digits, or put a text in quotes',
  ],
  'a tag': ['owner: !team api', 'a spec cannot use the tag `!team`', 'remove the tag'],
}

for (const [name, [text, message, help]] of Object.entries(cases)) {
  syntax(`${name} is reported as one mistake`, () => {
    const service = text.replaceAll(/^/gm, '    ')
    const { ok, diagnostics } = compileText(
      `meshc: v1\nmesh: shop\nservices:\n  cart:\n    namespace: shop\n${service}\n`,
    )
    assert.equal(
      diagnostics.map(({ message, help }) => [message, help]),
      [[message, help]],
    )
    assert.not.ok(ok)
  })
}

syntax('a file that is too large is not read', () => {
  const workspace: Workspace = {
    read: path => (path === 'spec/prod/cart.yaml' ? { isTooLarge: true } : { text: 'include: [cart.yaml]' }),
    list: () => [],
    listBelow: () => [],
  }
  const { diagnostics, sources } = compile('spec/prod/mesh.yaml', workspace)
  assert.equal(
    diagnostics.map(({ code, at, message }) => [code, at.file, message]),
    [['MESH1004', 'spec/prod/cart.yaml', 'this file is larger than 64 MiB']],
  )
  assert.equal(
    sources.map(({ name }) => name),
    ['spec/prod/mesh.yaml'],
  )
})

syntax('of very many unknown fields in a map, a hundred are listed and the others counted', () => {
  for (const [count, more] of [
    [100, ''],
    [101, ', and 1 more behind it'],
    [32_000, ', and 31900 more behind it'],
  ] as const) {
    const fields = Array.from({ length: count }, (_, index) => `x${index}: 1\n`).join('')
    const inService = fields.replace(/^/gm, '    ').trimEnd()
    for (const text of [
      `meshc: v1\nmesh: shop\n${fields}`,
      `meshc: v1\nmesh: shop\nservices:\n  cart:\n    namespace: shop\n${inService}\n`,
    ]) {
      const { diagnostics } = compileText(text)
      const unknown = diagnostics.filter(({ code }) => code === 'MESH1011').map(({ message }) => message)
      const reported = Array.from({ length: 100 }, (_, index) => `unknown field \`x${index}\``)
      assert.equal(unknown, [...reported.slice(0, -1), `${reported.at(-1)}${more}`])
    }
  }
})

syntax.run()
