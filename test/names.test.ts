import { dirname, join, normalize } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listFiles, readText } from './support/source-files.ts'

const names = suite('names')

/** The first words of functions in this project. A new verb joins the list if readers know it. */
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

/** Words without information about the thing that they name. */
const functionWords = ['of', 'own', 'found', 'one', 'other', 'told', 'said']

const sources = ['schema', 'compiler', 'bin']
  .flatMap(folder => listFiles(folder))
  .filter(file => !file.includes('/generated/'))
const all = [...sources, ...listFiles('test')]

names('at least seven of ten exported functions begin with a verb', () => {
  const functions = sources.flatMap(file => listFunctions(file, 'export '))
  assert.ok(functions.length > 900, `${functions.length} functions`)
  assert.ok(shareWithVerb(functions) >= 0.7, `${shareWithVerb(functions)}`)
})

names('at least three of four functions of behavior/ begin with a verb, exported or not', () => {
  const functions = listFiles('compiler/behavior').flatMap(file => listFunctions(file, '(?:export )?'))
  assert.ok(functions.length > 900, `${functions.length} functions`)
  assert.ok(shareWithVerb(functions) >= 0.75, `${shareWithVerb(functions)}`)
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

/**
 * Checks whether VS Code or a program that imports the package uses the name, or the name is text of a
 * generated module.
 */
const isForOthers = (name: string) =>
  /^bin\/vscode\/extension\.ts (de)?activate$|^compiler\/index\.ts /.test(name) ||
  /^bin\/build\/derive\/(target-index|field-facts)\.ts /.test(name)

names('another file imports every export', () => {
  const files = [...all, ...listFiles('compiler/documents/generated'), ...listFiles('bin', /\.(mjs|tsx)$/)]
  const imported = new Set(files.flatMap(listImportedNames))
  const unused = all.flatMap(file =>
    [
      ...readText(file).matchAll(
        /^export (?:abstract )?(?:async )?(?:function\*?|const|class|interface|type|let) (\w+)/gm,
      ),
    ]
      .map(([, name]) => `${file} ${name}`)
      .filter(name => !imported.has(name) && !imported.has(`${file} *`)),
  )
  assert.equal(
    unused.filter(name => !isForOthers(name)),
    [],
  )
})

names.run()

/**
 * Lists the names of the top-level functions of a file. `start` is a pattern for the text before each
 * function.
 */
function listFunctions(file: string, start: string): readonly string[] {
  return [
    ...readText(file).matchAll(
      new RegExp(
        `^${start}(?:async )?(?:function\\*? (\\w+)|const (\\w+)(?:: [^=\\n]+)? =(?: async)?\\s+(?:<[^>]*>)?(?:\\(|\\w+ =>|memo\\())`,
        'gm',
      ),
    ),
  ].map(([, declared, assigned]) => (declared ?? assigned)!)
}

function shareWithVerb(functions: readonly string[]): number {
  return functions.filter(name => verbs.has(name.replace(/[A-Z0-9].*$/, ''))).length / functions.length
}

/** Lists the names that a file imports, each after the file that has it; `*`: all of them. */
function listImportedNames(file: string): readonly string[] {
  const getTarget = (specifier: string) => normalize(join(dirname(file), specifier))
  const text = readText(file)
  const whole = [...text.matchAll(/import\('(\.[^']+)'\)|\* as \w+ from '(\.[^']+)'/g)].map(
    ([, lazy, namespace]) => `${getTarget((lazy ?? namespace)!)} *`,
  )
  const named = [
    ...text.matchAll(/(?:import|export) (?:type )?(?:\w+, )?\{([^}]*)\} from '(\.[^']+)'/g),
  ].flatMap(([, list, specifier]) =>
    [...list!.matchAll(/(?:type )?(\w+)(?: as \w+)?,?/g)].map(
      ([, name]) => `${getTarget(specifier!)} ${name}`,
    ),
  )
  return [...whole, ...named]
}

/** Returns the lines of a file without comments and without quoted texts. */
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
