import { dirname, join, normalize } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listFiles, readText } from './support/source-files.ts'

const architecture = suite('architecture')

/**
 * The folders that each part may import. Types of the spec and of targets, and facts of fields, are in
 * `schema`.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  'compiler/basics': [],
  'compiler/diagnostics': ['schema'],
  'compiler/mesh': ['schema', 'compiler/diagnostics'],
  'compiler/source': ['schema', 'compiler/diagnostics', 'compiler/mesh'],
  'compiler/resolve': ['schema', 'compiler/diagnostics', 'compiler/mesh'],
  'compiler/validate': ['schema', 'compiler/diagnostics', 'compiler/mesh'],
  'compiler/emit': ['schema', 'compiler/diagnostics', 'compiler/mesh'],
  'compiler/suppress': ['schema', 'compiler/diagnostics'],
  'compiler/behavior': ['compiler/diagnostics', 'compiler/mesh'],
  'compiler/documents': ['schema', 'compiler/diagnostics', 'compiler/mesh', 'compiler/emit'],
  'compiler/manifests': [
    'schema',
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/emit',
    'compiler/provenance',
    'compiler/behavior',
  ],
  'compiler/expectations': [
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/emit',
    'compiler/behavior',
    'compiler/manifests',
  ],
  'compiler/policies': [
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/behavior',
    'compiler/manifests',
  ],
  'compiler/templates': [
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/emit',
    'compiler/documents',
    'compiler/policies',
  ],
  compiler: [
    'schema',
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/resolve',
    'compiler/validate',
    'compiler/emit',
    'compiler/suppress',
    'compiler/documents',
    'compiler/behavior',
    'compiler/manifests',
    'compiler/expectations',
    'compiler/policies',
    'compiler/templates',
    'compiler/provenance',
  ],
  'compiler/provenance': [
    'schema',
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/emit',
  ],
  'compiler/review': [
    'schema',
    'compiler/map',
    'compiler',
    'compiler/diagnostics',
    'compiler/source',
    'compiler/mesh',
    'compiler/emit',
    'compiler/provenance',
    'compiler/behavior',
    'compiler/manifests',
    'compiler/documents',
  ],
  'compiler/import': [
    'schema',
    'compiler',
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/behavior',
    'compiler/manifests',
  ],
  'compiler/map': [
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/provenance',
    'compiler/behavior',
  ],
  bin: [
    'schema',
    'compiler',
    'compiler/map',
    'compiler/import',
    'compiler/manifests',
    'compiler/review',
    'compiler/policies',
    'compiler/provenance',
    'compiler/behavior',
    'compiler/diagnostics',
    'compiler/mesh',
    'compiler/source',
    'compiler/emit',
  ],
}

/**
 * The rooms of `behavior/`, from the lowest. Tests compare the two engines, `evaluate` and `symbolic`, so
 * neither engine may import the other. Both use only the files of `behavior/` itself.
 */
const roomsOfBehavior: Readonly<Record<string, readonly string[]>> = {
  read: [],
  evaluate: [],
  symbolic: [],
  pairs: ['symbolic'],
  compare: ['read', 'evaluate', 'symbolic', 'pairs'],
  connections: ['evaluate', 'symbolic', 'pairs', 'compare'],
  allowed: ['evaluate', 'connections'],
  reach: ['evaluate', 'symbolic', 'pairs'],
  lint: ['evaluate', 'symbolic', 'pairs', 'allowed'],
}

/**
 * The files that both engines use: constants, parsing, bookkeeping, and facts that no manifest contains. No
 * file here decides the fate of a known request.
 */
const sharedByEngines = [
  'address-ranges.ts',
  'budget.ts',
  'captured-traffic.ts',
  'claim-path.ts',
  'client-certificate.ts',
  'gateway-topology.ts',
  'hosts.ts',
  // A superset, of which each engine selects by its own comparison of hosts.
  'index-by-host.ts',
  'is-bare.ts',
  'is-machine.ts',
  'is-subset.ts',
  // Localities distribute requests among instances that answer alike.
  'localities.ts',
  'model.ts',
  'overwritten-headers.ts',
  'plain-record.ts',
  'pod-templates.ts',
  'protocol.ts',
  'qualified-name.ts',
  'rate-limits.ts',
  'request.ts',
  'result.ts',
]

/**
 * The files that import both engines: each file asks one engine, and compares its answer with the other
 * engine.
 */
const usersOfBothEngines = [
  'compare/compare.ts',
  'connections/explain-connection.ts',
  'connections/find-connections.ts',
  'lint/route-states.ts',
  'lint/rule-states.ts',
  'lint/try-requests.ts',
  'reach/reach.ts',
]

/** The one home of each package. Build scripts in bin/ may use the packages that make derived files. */
const homes: Readonly<Record<string, readonly string[]>> = {
  'js-yaml': ['compiler/source/'],
  yaml: ['compiler/import/'],
  'node-diff3': ['compiler/import/rewrite-text.ts'],
  zod: ['schema/spec/'],
  ajv: ['schema/validator-code.ts', 'bin/build/derive/', 'bin/build/generate.ts'],
  esbuild: ['bin/build/bundle', 'bin/build/derive/'],
  'json-schema-to-typescript': ['bin/build/derive/', 'bin/build/generate.ts'],
  ejs: ['bin/build/derive/'],
  typedfastbitset: ['compiler/behavior/'],
  re2js: ['compiler/mesh/regular-expression.ts', 'compiler/behavior/'],
  'ipaddr.js': ['compiler/behavior/address-ranges.ts'],
  '@marcbachmann': ['compiler/policies/'],
  liquidjs: ['compiler/templates/'],
  cac: ['bin/cli/help.ts'],
  'vscode-languageserver': ['bin/lsp/', 'bin/playground/worker/'],
  'vscode-languageserver-textdocument': ['bin/lsp/', 'bin/playground/worker/'],
  'vscode-languageclient': ['bin/vscode/'],
  vscode: ['bin/vscode/'],
  'vscode-languageserver-protocol': ['bin/playground/'],
  'yaml-language-server': ['bin/playground/worker/schema-service.ts'],
  '@codemirror': ['bin/playground/'],
  '@lezer': ['bin/playground/'],
  dompurify: ['bin/playground/editor/connect.ts'],
  hast: ['bin/playground/site/markdown-html.ts'],
  'hast-util-to-html': ['bin/playground/site/markdown-html.ts'],
  mdast: ['bin/playground/site/markdown-html.ts'],
  'mdast-util-from-markdown': ['bin/playground/site/markdown-html.ts'],
  'mdast-util-gfm': ['bin/playground/site/markdown-html.ts'],
  'mdast-util-to-hast': ['bin/playground/site/markdown-html.ts'],
  'micromark-extension-gfm': ['bin/playground/site/markdown-html.ts'],
  preact: ['bin/map/page/', 'bin/playground/'],
  'playwright-core': ['bin/build/derive/'],
  '@dagrejs': ['bin/map/page/picture/lay-out-layers.ts'],
  diff: ['compiler/documents/', 'compiler/review/tree-changes.ts', 'bin/output/text-changes.ts'],
}

/** The folder whose functions know nothing of meshes: every folder may import it. */
const basics = 'compiler/basics'

const sources = ['schema', 'compiler', 'bin'].flatMap(folder => listFiles(folder, /\.(m?ts|tsx)$/))

architecture('imports go down only', () => {
  const wrong = sources.flatMap(file =>
    listImports(file)
      .filter(specifier => specifier.startsWith('.'))
      .map(specifier => normalize(join(dirname(file), specifier)))
      .filter(
        target =>
          ![getPart(file), basics].includes(getPart(target)) &&
          !mayImport[getPart(file)]?.includes(getPart(target)),
      )
      .map(target => `${file} imports ${target}`),
  )
  assert.equal(wrong, [])
})

architecture(
  'the folders of behavior/ import in one direction, and the two engines share no decision',
  () => {
    const home = 'compiler/behavior/'
    const roomOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined)
    const wrong = sources
      .filter(file => file.startsWith(home))
      .flatMap(file => {
        const room = roomOf(file.slice(home.length))
        if (room === undefined) return []
        return listImports(file)
          .filter(specifier => specifier.startsWith('.'))
          .map(specifier => normalize(join(dirname(file), specifier)))
          .filter(target => target.startsWith(home))
          .map(target => target.slice(home.length))
          .filter(target => {
            const entered = roomOf(target)
            if (entered !== undefined) return entered !== room && !roomsOfBehavior[room]?.includes(entered)
            return (room === 'evaluate' || room === 'symbolic') && !sharedByEngines.includes(target)
          })
          .map(target => `${file} imports ${target}`)
      })
    assert.equal(wrong, [])
  },
)

architecture('no answer mixes decisions of both engines', () => {
  const home = 'compiler/behavior/'
  const isIn = (target: string, engine: string) => target.startsWith(`${home}${engine}/`)
  const users = sources
    .filter(file => file.startsWith(home))
    .filter(file => {
      const targets = listImports(file).map(specifier => normalize(join(dirname(file), specifier)))
      return ['evaluate', 'symbolic'].every(engine => targets.some(target => isIn(target, engine)))
    })
    .map(file => file.slice(home.length))
  assert.equal(users, usersOfBothEngines)
})

architecture('each package has one home', () => {
  const wrong = sources.flatMap(file =>
    listImports(file)
      .filter(specifier => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .map(specifier => specifier.split('/')[0]!)
      .filter(name => !homes[name]?.some(home => file.startsWith(home)))
      .map(name => `${file} imports ${name}`),
  )
  assert.equal(wrong, [])
})

/** The number of lines of a page. */
const page = 110

architecture('compile.ts is a page, and no function of expectations and reviews is longer than one', () => {
  const lines = readText('compiler/compile.ts').split('\n').length
  assert.ok(lines <= page, `compile.ts has ${lines} lines`)
  const files = ['compiler/expectations', 'compiler/review'].flatMap(folder => listFiles(folder))
  const long = files.flatMap(file =>
    [...readText(file).matchAll(/^(?:export )?function\*? (\w+)[\s\S]*?^\}$/gm)]
      .filter(([text]) => text.split('\n').length > page)
      .map(([, name]) => `${file} ${name}`),
  )
  assert.equal(long, [])
})

architecture('the compiler reads no files', () => {
  const wrong = sources
    .filter(file => !file.startsWith('bin/'))
    .filter(file => listImports(file).some(specifier => specifier.startsWith('node:')))
  assert.equal(wrong, [])
})

architecture('the compiler runs in browsers, too: it uses no global of Node', () => {
  const wrong = sources
    .filter(file => !file.startsWith('bin/'))
    .filter(file =>
      /(?<!\.)\b(Buffer|process|setImmediate|__dirname)\b[.(]/.test(withoutComments(readText(file))),
    )
  assert.equal(wrong, [])
})

/** Files that read data of meshc, data of the system, or the file in a call, which can be a pipe. */
const readsOtherwise = [
  'bin/commands/completion.ts',
  'bin/answers/run-explain.ts',
  'bin/answers/run-locate.ts',
  'bin/behavior/run-trace.ts',
  'bin/build/generate.ts',
  'bin/map/print-page.ts',
  'bin/output/exclusive.ts',
  'bin/package.ts',
  'bin/report/sarif.ts',
  'bin/project/scaffold.ts',
  'bin/schema/schema-file.ts',
  'bin/start.ts',
  'bin/vscode/extension.ts',
]

architecture('one function reads the files of a commit, and one function starts programs', () => {
  const shipped = sources.filter(file => file.startsWith('bin/') && !file.startsWith('bin/build/derive/'))
  const holds = (word: string) => shipped.filter(file => readText(file).includes(word))
  assert.equal(holds('node:child_process'), ['bin/programs/run-program.ts'])
  assert.equal(holds('openSync(path'), ['bin/files/read-file.ts'])
  assert.equal(
    holds('readFileSync').filter(file => !readsOtherwise.includes(file)),
    [],
  )
})

architecture('every test file runs its suites', () => {
  const idle = listFiles('test')
    .filter(file => file.endsWith('.test.ts'))
    .filter(file => !/\.run\(\)\s*$|^property\(/m.test(readText(file)))
  assert.equal(idle, [])
})

architecture.run()

/** Returns a file without its comments and without quoted texts. */
const withoutComments = (text: string) =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|'[^'\n]*'|`[^`]*`/gm, '')

function listImports(file: string): readonly string[] {
  const text = readText(file)
  return [
    ...text.matchAll(/^(?:import|export)\s[^'"]*?from '([^']+)'|^import '([^']+)'|import\('([^']+)'\)/gm),
  ].map(match => match[1] ?? match[2] ?? match[3]!)
}

function getPart(file: string): string {
  const [first = '', second] = file.split('/')
  if (first !== 'compiler') return first
  return second === undefined || second.endsWith('.ts') ? 'compiler' : `compiler/${second}`
}
