import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listFiles, readText } from './support/source-files.ts'

const names = suite('names')

/** The first words of functions here. A new verb joins the list when it is one that a reader knows. */
const verbs = new Set(
  `accept add advise allow apply ask assert assume attempt authorize blame build carry catch chain change check choose
  classify clean clear close collapse collect compare compile complete compute configure convert copy count cover create
  cut decide decode define delete deliver derive describe detect diff draw drop edit emit escape evaluate exclude expand
  expect explain extract fail fetch fill filter find fix follow format generate get give group guard handle hash hide hold
  hover ignore import include index install intersect invert join judge keep label limit lint list load locate look lower
  make map mark match measure mend merge move multiply name negate normalize note notice number open order pack pair parse
  pass pick place plan plant prefer prepare print probe propose protect prove pull push put query quote read rebase receive
  recover refresh refuse register reject remember remove rename render repeat replace report require reset resolve restore
  retry return reveal review revise rewrite run save say scaffold scan search see select send serialize serve set share
  show sign skip sort spend split start stop strip suggest assume suppress swap switch synthesize take tell test throw
  trace track translate trim try turn undo unite unpack unquote unwrap update use validate verify visit wait walk warn watch
  weigh withdraw wrap write
  is has can are does needs may must should allows accepts asks demands differs ends exists fits holds implies includes
  knows leads matches means meets mentions names overlaps permits reads refers refuses requires sees serves starts takes
  touches uses covers implied says assumes`.split(/\s+/),
)

/** Words that say nothing of what they name. */
const functionWords = ['of', 'own', 'found', 'one', 'other', 'told', 'said']

const sources = ['schema', 'compiler', 'bin']
  .flatMap(folder => listFiles(folder))
  .filter(file => !file.includes('/generated/'))
const all = [...sources, ...listFiles('test')]

names('at least seven of ten exported functions begin with a verb', () => {
  const functions = sources.flatMap(file =>
    [
      ...readText(file).matchAll(
        /^export (?:async )?(?:function\*? (\w+)|const (\w+)(?:: [^=\n]+)? =(?: async)?\s+(?:<[^>]*>)?(?:\(|\w+ =>|memo\())/gm,
      ),
    ].map(([, declared, assigned]) => (declared ?? assigned)!),
  )
  const withVerb = functions.filter(name => verbs.has(name.replace(/[A-Z0-9].*$/, '')))
  assert.ok(functions.length > 900, `${functions.length} functions`)
  assert.ok(withVerb.length >= 0.7 * functions.length, `${withVerb.length} of ${functions.length}`)
})

names('no binding is a function word', () => {
  const words = functionWords.join('|')
  const binding = new RegExp(
    `(?:\\b(?:const|let|function\\*?) |[({[,] ?|\\.\\.\\.|\\w: |^ +)(${words})(?= =>|[,)\\]}]| [}\\]]| = | of |: (?:[A-Z]|string|number|boolean|unknown|readonly|\\())`,
    'g',
  )
  const wrong = all.flatMap(file =>
    withoutText(readText(file))
      .split('\n')
      .flatMap((line, index) =>
        [...line.matchAll(binding)].map(([, word]) => `${file}:${index + 1} ${word}`),
      ),
  )
  assert.equal(wrong, [])
})

names('no type has the name of one that TypeScript brings', () => {
  const wrong = all.flatMap(file =>
    [
      ...readText(file).matchAll(
        /^\s*(?:export )?(?:type|interface|class) (Partial|Record|Map|Set|Pick|Omit|Readonly|Required|Exclude|Extract|Array|Object|Function|Error|Promise|Symbol)\b/gm,
      ),
    ].map(([, name]) => `${file} ${name}`),
  )
  assert.equal(wrong, [])
})

/** VS Code calls them, or programs that import the package. */
const isForOthers = (name: string) =>
  /^bin\/vscode\/extension\.ts (de)?activate$|^compiler\/index\.ts /.test(name)

names('what is exported is used by another file', () => {
  const files = [...all, ...listFiles('compiler/documents/generated'), ...listFiles('bin', /\.mjs$/)]
  const users = new Map<string, Set<string>>()
  for (const file of files)
    for (const word of new Set(readText(file).match(/\b\w+\b/g))) {
      const filesWithWord = users.get(word) ?? new Set()
      users.set(word, filesWithWord.add(file))
    }
  const unused = all.flatMap(file =>
    [
      ...readText(file).matchAll(
        /^export (?:abstract )?(?:async )?(?:function\*?|const|class|interface|type|let) (\w+)/gm,
      ),
    ]
      .map(([, name]) => name!)
      .filter(name => users.get(name)!.size === 1)
      .map(name => `${file} ${name}`),
  )
  assert.equal(
    unused.filter(name => !isForOthers(name)),
    [],
  )
})

names.run()

/** The lines of a file without comments and without what stands in quotes. */
function withoutText(code: string): string {
  return code
    .replaceAll(/\/\*[\s\S]*?\*\//g, comment => '\n'.repeat(comment.split('\n').length - 1))
    .replaceAll(/(^|\s)\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
    .replaceAll(/(?<=[(,=:[ ])\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g, '//')
    .replaceAll(/`(?:[^`\\$]|\\.|\$(?!\{)|\$\{(?:[^{}`]|\{[^{}]*\})*\})*`/g, text =>
      [...text].filter(char => char === '\n').join(''),
    )
}
