import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openServices, routedService } from '../support/amplified.ts'
import { meshc } from '../support/meshc.ts'
import { logCommandsIn, unseen } from '../support/obeyed.ts'
import { type Files, getMesh, project, write } from '../support/project.ts'
import { readMarkdown } from '../support/read-markdown.ts'

const test = suite('bin/hostile')
const entry = 'spec/prod/mesh.yaml'
const head = 'meshc: v1\nmesh: shop\nenvironment: prod\n'

/**
 * Builds a hostile spec. meshc reports a diagnostic, without a stack trace, control characters or written
 * files.
 */
async function refused(folder: string, expected: RegExp): Promise<void> {
  const { code, signal, stdout, stderr } = await meshc(folder, ['build'])
  assert.is(signal, null)
  assert.is(code, 1, stderr.slice(0, 2000))
  assert.is(stdout, '')
  assert.match(stderr, /^error\[MESH\d{4}\]: /)
  assert.match(stderr.slice(0, 100_000), expected)
  assert.not.match(stderr, /^\s+at .*[:(]/m)
  assert.not.match(stderr, /defect|undefined|\[object/)
  assert.not.match(stderr.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
  assert.ok(stderr.length < 200_000)
  assert.not.ok(existsSync(join(folder, 'out')))
}

const texts: Readonly<Record<string, readonly [text: string | Uint8Array, expected: RegExp]>> = {
  'an alias bomb': [
    `${head}a0: &a0 [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(9)}]`).join('\n')}\n`,
    /MESH1003\]: .*aliases that repeat/,
  ],
  'a long text that aliases repeat': [
    `${head}raw:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: x, namespace: shop }\n    data: { a: &a "${'x'.repeat(20_000)}", b: [${'*a, '.repeat(9000)}] }\n`,
    /MESH1003\]: .*aliases that repeat more than a million characters/,
  ],
  'aliases that nest deeper than brackets may': [
    `${head}raw:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: { name: x, namespace: shop }\n    data:\n${Array.from({ length: 200 }, (_, n) => `      a${n}: &a${n} { a: ${n === 0 ? 'x' : `*a${n - 1}`} }`).join('\n')}\n`,
    /MESH1003\]: .*aliases that nest deeper than 100 levels/,
  ],
  'services that anyone may call': [
    `${head}${openServices(2000)}`,
    /MESH3016\]: .*2000 services see 2000 hosts/,
  ],
  'routes, versions and exposures that multiply': [`${head}${routedService(200, 100, 100)}`, /MESH3017/],
  'a port of a URL that no machine has': [
    `${head}services: { cart: { namespace: shop, port: { http: 80 } } }\nobservability: { prometheus: { url: "http://prometheus:9090" }, kiali: { tracing: "http://jaeger:99999" } }\n`,
    /MESH1013\]: `http:\/\/jaeger:99999` is not an http or https URL/,
  ],
  'a URL of a bracket': [
    `${head}services: { cart: { namespace: shop, port: { http: 80 }, jwt: { issuer: me, jwks: "http://[" } } }\n`,
    /MESH1013\]: `http:\/\/\[` is not an http or https URL/,
  ],
  'half of a surrogate pair in an object that passes as it is': [
    `${head}raw:\n  - { apiVersion: v1, kind: ConfigMap, metadata: { name: x, namespace: shop }, data: { a: "\\ud800" } }\n`,
    /MESH1003\]: a spec cannot use half of a surrogate pair/,
  ],
  'an alias to itself': [`${head}services: &all { cart: *all }\n`, /MESH1003/],
  'deep flow nesting': [`${head}services: ${'['.repeat(100_000)}\n`, /MESH1001/],
  'deep closed nesting': [`${head}services: ${'['.repeat(5_000)}${']'.repeat(5_000)}\n`, /MESH1001/],
  'deep block nesting': [
    `${head}services:\n${Array.from({ length: 3_000 }, (_, n) => `${' '.repeat(n + 1)}a:`).join('\n')}\n`,
    /MESH1001/,
  ],
  'a __proto__ key': [`${head}__proto__: { polluted: true }\nservices: {}\n`, /`__proto__`/],
  'a __proto__ service': [
    `${head}services:\n  __proto__: { namespace: shop, port: { http: 80 } }\n  constructor: { namespace: shop, port: { http: 80 } }\n`,
    /`__proto__`/,
  ],
  'a __proto__ field': [
    `${head}services:\n  cart: { namespace: shop, port: { http: 80 }, __proto__: { port: 1 }, toString: 1 }\n`,
    /`__proto__`/,
  ],
  'names of Object.prototype as references': [
    `${head}services:\n  cart: { namespace: shop, port: { http: 80 }, allow: [{ from: constructor }] }\n`,
    /`constructor`/,
  ],
  'a binary file': [new Uint8Array(4096).map((_, index) => (index * 7) % 256), /it is a binary file/],
  'invalid UTF-8': [Buffer.from(`${head}# caf\xe9\n`, 'latin1'), /it is not UTF-8 \(line 4, column 6\)/],
  'UTF-16': [Buffer.from(`\ufeff${head}`, 'utf16le'), /it is encoded as UTF-16/],
  'control characters': [`${head}services:\n  "a\u001b[2J\u0007b": {}\n`, /MESH1001\]: .*U\+001B/],
  'escaped control characters': [
    `${head}services:\n  "a\\e[2J\\a\\0\\u202e\\u2028b": {}\n"\\e]0;owned\\a": 1\n`,
    /␛\]0;owned␇/,
  ],
  'bidirectional marks': [`${head}services:\n  cart: { namespace: "\u202eprod\u2066" }\n`, /\\u\{202e\}/],
  'a lone surrogate': [`${head}services:\n  "\\ud800": {}\n`, /error/],
  'a very long key': [`${head}${'k'.repeat(1_000_000)}: 1\n`, /…/],
  'a very long line': [`${head}services: { ${'a: {}, '.repeat(200_000)} }\n`, /MESH1002/],
  'thousands of mistakes': [
    `${head}services:\n${Array.from({ length: 20_000 }, (_, n) => `  s${n}: { prot: 1 }`).join('\n')}\n`,
    /and 19900 more: `--format json` lists them all/,
  ],
  'as many fields that are none': [
    `${head}services:\n  cart:\n${Array.from({ length: 100_000 }, (_, n) => `    timeot${n}: 5s`).join('\n')}\n`,
    /MESH1011/,
  ],
  'a tag that makes objects': [`${head}services: !!js/function "function () {}"\n`, /MESH1003\]: .*tag/],
  'several documents': [`${head}---\n${head}`, /MESH1003\]: .*several documents/],
  'a merge key': [
    `${head}services:\n  a: &a { namespace: shop }\n  b: { <<: *a }\n`,
    /MESH1003\]: .*merge key/,
  ],
  'numbers beyond numbers': [
    `${head}services:\n  cart: { namespace: shop, port: { http: .inf } }\n`,
    /MESH1003\]: .*number/,
  ],
  'a number of a thousand digits': [
    `${head}services:\n  cart: { namespace: shop, port: { http: ${'9'.repeat(1000)} } }\n`,
    /error/,
  ],
  'an empty file': ['', /MESH1017\]: .*empty/],
  'only a comment': ['# nothing\n', /MESH1017/],
  'a list': ['- a\n', /MESH1017\]: .*a list/],
  'a climbing extends': [`${head}extends: ../../../../../../etc/passwd.yaml\n`, /MESH1006/],
  'a climbing extends with backslashes': [`${head}extends: ..\\..\\..\\..\\secret.yaml\n`, /MESH1006/],
  'an absolute extends': [`${head}extends: /etc/passwd.yaml\n`, /MESH1006/],
  'a climbing include': [`${head}include: ["../../../*.yaml"]\n`, /MESH1006/],
  'a path with a null character': [`${head}include: ["a\\0b.yaml"]\n`, /error/],
  'a path too long': [`${head}extends: ${'a/'.repeat(3_000)}b.yaml\n`, /error/],
  'a spec that extends itself': [`${head}extends: mesh.yaml\n`, /MESH1007/],
  'a folder that is extended': [`${head}extends: ../prod\n`, /MESH1005\]: .*(a folder|cannot be read)/],
}

for (const [name, [text, expected]] of Object.entries(texts))
  test(name, () => refused(project({ [entry]: text }), expected))

test('a file of 100 MB', async () => {
  const folder = project({ [entry]: head })
  truncateSync(join(folder, entry), 100_000_000)
  await refused(folder, /larger than 64 MiB/)
})

test('a file of just under 64 MiB, dense with values', async () => {
  for (const [begin, filler, end] of [
    ['services: [', '[],', ']'],
    ['services:\n', 'a:\n', ''],
    ['services: {', 'a: 1,', '}'],
    ['# ', '\u{1f98a}', ''],
    ['services: "', '\\e', '"'],
  ] as const) {
    const count = Math.floor((64 * 1024 * 1024 - 100) / Buffer.byteLength(filler))
    await refused(project({ [entry]: `${begin}${filler.repeat(count)}${end}\n` }), /error/)
  }
})

test('links that leave the project, folders, pipes and files that cannot be read', async () => {
  const outside = project({ 'secret.yaml': 'password: hunter2\n' })
  const folder = (files: Files = {}) => project({ [entry]: `${head}extends: ../base.yaml\n`, ...files })
  const leaving = folder()
  symlinkSync(join(outside, 'secret.yaml'), join(leaving, 'spec/base.yaml'))
  await refused(leaving, /MESH1005\]: .*symbolic link that leaves the project/)
  const throughFolder = project({ [entry]: `${head}include: [linked/*.yaml]\n` })
  symlinkSync(outside, join(throughFolder, 'spec/prod/linked'))
  // The output does not contain the names of files.
  await refused(throughFolder, /MESH1010\]: no file matches `linked\/\*\.yaml`/)
  const device = folder()
  symlinkSync('/dev/zero', join(device, 'spec/base.yaml'))
  await refused(device, /symbolic link that leaves the project/)
  const circle = folder()
  symlinkSync('base.yaml', join(circle, 'spec/base.yaml'))
  await refused(circle, /symbolic links go in a circle/)
  const directory = folder()
  mkdirSync(join(directory, 'spec/base.yaml'))
  await refused(directory, /it is a folder/)
  const pipe = folder()
  execFileSync('mkfifo', [join(pipe, 'spec/base.yaml')])
  await refused(pipe, /not a regular file/)
})

test('an include pattern made to take for ever', async () => {
  const folder = project({
    [entry]: `${head}include: ["${'*a'.repeat(40)}*b.yaml"]\n`,
    [`spec/prod/${'a'.repeat(200)}.yaml`]: 'services: {}\n',
  })
  const began = performance.now()
  await refused(folder, /MESH1010/)
  assert.ok(performance.now() - began < 10_000)
})

test('no hostile text gets into a message of a wrong call', async () => {
  const folder = project({ [entry]: getMesh(1, 'prod') })
  for (const words of [
    ['build', '--env', '\u001b[2Jx'],
    ['\u001b]0;x\u0007'],
    ['explain', 'a\u202eb'],
    ['build', '--\u001bx'],
  ]) {
    const { code, stderr } = await meshc(folder, words)
    assert.is(code, 2)
    assert.not.match(stderr.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
  }
})

const hostile =
  '\u202e\u001b[2J\u200b##[add-mask]evil ##vso[task.complete]evil `x` https://evil.example @octocat'

test('no words of a spec, and no name of a file, are obeyed by the terminal or the log that shows them', async () => {
  const folder = project({
    [entry]: `${head}include: ["*.part.yaml"]\n`,
    'spec/prod/::add-mask::evil::.part.yaml': `services:\n  cart: { namespace: ${JSON.stringify(hostile)} }\n`,
    'spec/prod/##[error]\u202e.part.yaml': `services:\n  web: { port: ${JSON.stringify(hostile)} }\n`,
  })
  for (const format of ['text', 'json', 'sarif', 'github', 'gitlab', 'junit']) {
    const { code, stdout, stderr } = await meshc(folder, ['validate', '--format', format])
    assert.is(code, 1)
    assert.match(`${stdout}${stderr}`, /evil/)
    assert.not.match(stdout, unseen, format)
    assert.not.match(stderr, unseen, format)
    assert.equal(logCommandsIn(stderr), [])
    const annotated =
      format === 'github'
        ? stdout
            .trim()
            .split('\n')
            .map(() => 'error')
        : []
    assert.equal(logCommandsIn(stdout), annotated, format)
  }
})

test('no words of a manifest are obeyed by the terminal or the log that shows them, or by the comment', async () => {
  const service = (namespace: string) => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'cart', namespace },
      spec: { selector: { app: 'cart' }, ports: [{ port: 80, name: 'http' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'cart', namespace, labels: { app: 'cart' } },
      spec: { containers: [] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: hostile, namespace, labels: { app: hostile } },
      spec: { containers: [] },
    },
  ]
  const routes = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: hostile, namespace: 'shop' },
    spec: {
      hosts: ['cart'],
      http: [
        { name: hostile, route: [{ destination: { host: 'cart' } }] },
        {
          name: `::error::${hostile}`,
          match: [{ headers: { 'x-a': { exact: hostile } } }],
          route: [{ destination: { host: hostile } }],
        },
      ],
    },
  }
  const folder = project({
    [entry]: `${head}services:\n  cart: { namespace: shop, port: { http: 80 }, retries: none }\n`,
    'given/::error::evil.yaml': [...service('shop'), routes]
      .map(object => `---\n${JSON.stringify(object)}\n`)
      .join(''),
  })
  const calls = [
    ['lint', '--manifests', 'given'],
    ['lint', '--json', '--manifests', 'given'],
    ['trace', 'cart', '--from', 'shop/cart', '--manifests', 'given'],
    ['can', 'shop/cart', 'cart', '--manifests', 'given'],
    ...['text', 'json', 'markdown', 'github', 'sarif'].map(format => [
      'diff',
      '--manifests',
      'given',
      '--format',
      format,
    ]),
  ]
  let reported = 0
  for (const words of calls) {
    const { stdout, stderr } = await meshc(folder, words)
    for (const text of [stdout, stderr]) {
      assert.not.match(text, unseen, words.join(' '))
      assert.ok(
        logCommandsIn(text).every(name => words.includes('github') && /^(error|warning)$/.test(name)),
        `${words.join(' ')}: ${logCommandsIn(text).join(' ')}`,
      )
      assert.not.match(text, /^\s+at .*[:(]/m)
      if (text.includes('evil')) reported++
    }
    if (!words.includes('markdown')) continue
    const { addresses, prose } = readMarkdown(stdout)
    assert.equal(addresses, [])
    assert.not.match(prose, /evil|octocat/)
  }
  assert.ok(reported > 5, String(reported))
})

test('a link that stays in the project, a byte order mark and Windows line ends are fine', async () => {
  const folder = project({
    [entry]: `\ufeff${head}extends: ../base.yaml\n`.replaceAll('\n', '\r\n'),
    'shared/base.yaml': 'meshc: v1\nmesh: shop\nservices:\n  cart: { namespace: shop, port: { http: 80 } }\n',
  })
  symlinkSync('../shared/base.yaml', join(folder, 'spec/base.yaml'))
  write(folder, {})
  const { code, stderr } = await meshc(folder, ['build'])
  assert.is(code, 0, stderr)
})

test.run()
