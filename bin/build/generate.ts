import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JsonSchema } from '../../schema/json-schema.ts'
import { ManifestsFile } from '../../schema/spec/manifests-file.ts'
import { MeshSpec } from '../../schema/spec/mesh.ts'
import { generateValidators } from '../../schema/validator-code.ts'
import { readIfThere } from '../files/read-file.ts'
import { bundleCode } from './derive/bundled.ts'
import { drawDiagnostic } from './derive/diagnostic-picture.ts'
import { printDiagnosticsIndex } from './derive/diagnostics-index.ts'
import { deriveEditorSchema } from './derive/editor-schema.ts'
import { updateExpressionTypes } from './derive/expression-types.ts'
import { printFieldFacts } from './derive/field-facts.ts'
import { deriveMeshShape } from './derive/mesh-shape.ts'
import { printMistakesPage } from './derive/mistakes-page.ts'
import { listPicturedPages } from './derive/pictured-pages.ts'
import { printReference } from './derive/reference.ts'
import { compareScreenshots } from './derive/screenshots.ts'
import { listScripts } from './derive/scripts.ts'
import { addSettings } from './derive/settings-schema.ts'
import { isKind, printTargetIndex, readKind } from './derive/target-index.ts'
import { readTargets } from './derive/targets.ts'
import { compileTemplate } from './derive/template.ts'
import { generateTypes } from './derive/types-of-schema.ts'

/** A file that is made from others, and the text it must have. */
interface Derived {
  readonly file: string
  readonly text: () => string | Promise<string>
}

process.chdir(fileURLToPath(new URL('../..', import.meta.url)))

const targets = readTargets('schema/targets')
const validated = targets.filter(target => isKind(target) || target.title === 'Metadata')
const meshSchema = MeshSpec.toJSONSchema({ target: 'draft-07', io: 'input' })
const manifestsSchema = ManifestsFile.toJSONSchema({ target: 'draft-07', io: 'input' })

/** The derived files, with an entry for each. A file of a generated folder without an entry is obsolete, and is removed. */
const derived: readonly Derived[] = [
  ...targets.map(({ name, schema }) => ({
    file: `schema/generated/${name}.ts`,
    text: async () => `${banner(`schema/targets/${name}.json`)}\n${await generateTypes(schema)}`,
  })),
  {
    file: 'schema/generated/targets.ts',
    text: () => `${banner('schema/targets')}\n${printTargetIndex(targets)}`,
  },
  ...makeValidatorModule('target-validators', 'schema/targets', {
    schemas: Object.fromEntries(targets.map(({ name, schema }) => [`${name}.json`, schema])),
    names: Object.fromEntries(validated.map(target => [readKind(target), `${target.name}.json`])),
    saysWhy: true,
  }),
  {
    file: 'schema/mesh.schema.json',
    text: () =>
      `${JSON.stringify({ $comment: banner('schema/spec').slice(3), ...addSettings(deriveEditorSchema(meshSchema)) }, null, 2)}\n`,
  },
  {
    file: 'schema/manifests.schema.json',
    text: () =>
      `${JSON.stringify({ $comment: banner('schema/spec').slice(3), ...deriveEditorSchema(manifestsSchema) }, null, 2)}\n`,
  },
  {
    file: 'schema/generated/mesh-shape.json',
    text: () =>
      `${JSON.stringify({ $comment: banner('schema/spec').slice(3), ...deriveMeshShape(meshSchema, { ManifestsFile: manifestsSchema }) })}\n`,
  },
  {
    file: 'schema/generated/field-facts.ts',
    text: () => `${banner('schema/spec')}\n${printFieldFacts(meshSchema)}`,
  },
  ...makeValidatorModule('mesh-validator', 'schema/spec', {
    schemas: { 'mesh.schema.json': meshSchema, 'manifests.schema.json': manifestsSchema },
    names: { isMeshFile: 'mesh.schema.json', isManifestsFile: 'manifests.schema.json' },
    // `explainShape` does.
    saysWhy: false,
  }),
  {
    file: 'schema/generated/health-scripts.ts',
    text: () => `${banner('compiler/emit/argocd/health')}\n${listScripts('compiler/emit/argocd/health')}`,
  },
  {
    file: 'docs/diagnostics/README.md',
    text: () =>
      printDiagnosticsIndex(banner('compiler/catalogue.ts and bin/build/derive/foreign-codes.ts').slice(3)),
  },
  {
    file: 'docs/mistakes.md',
    text: () => printMistakesPage(banner('bin/build/derive/mistakes.ts').slice(3)),
  },
  {
    file: 'docs/pictures/diagnostic.svg',
    text: () =>
      drawDiagnostic(
        banner('docs/pictures/mesh.yaml').slice(3),
        readFileSync('docs/pictures/mesh.yaml', 'utf8'),
      ),
  },
  {
    file: 'docs/reference.md',
    text: () => printReference(banner('schema/spec and compiler/mesh/decisions.ts').slice(3), meshSchema),
  },
  {
    file: 'docs/guides/policies.md',
    text: () => updateExpressionTypes(readFileSync('docs/guides/policies.md', 'utf8')),
  },
  ...readdirSync('templates')
    .filter(file => file.endsWith('.md.ejs'))
    .map(file => documentTemplate(file.replace('.md.ejs', ''))),
]

await generate(process.argv.includes('--check'))

/** A module of validators, compiled ahead of time, and its types. */
function makeValidatorModule(
  name: string,
  source: string,
  {
    schemas,
    names,
    saysWhy,
  }: Readonly<{ schemas: Record<string, JsonSchema>; names: Record<string, string>; saysWhy: boolean }>,
): readonly Derived[] {
  const declarations = Object.keys(names).map(exported => `export declare const ${exported}: Validator\n`)
  return [
    {
      file: `schema/generated/${name}.mjs`,
      text: () => `${banner(source)}\n${bundleCode(generateValidators(schemas, names, saysWhy))}`,
    },
    {
      file: `schema/generated/${name}.d.mts`,
      text: () =>
        `${banner(source)}\nimport type { Validator } from '../validator.ts'\n\n${declarations.join('')}`,
    },
  ]
}

/** The template of a document: `readme.md.ejs` shows the `ReadmeView` that `compiler/documents/readme.ts` makes. */
function documentTemplate(document: string): Derived {
  const source = `templates/${document}.md.ejs`
  const name = document.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const view = { type: `${name[0]?.toUpperCase()}${name.slice(1)}View`, from: `../${document}.ts` }
  const form = {
    from: '../markdown.ts',
    escape: 'markdown',
    others: ['code', 'codes', 'fence', 'joinParts', 'link', 'listProse', 'quoteShellWord'],
  }
  return {
    file: `compiler/documents/generated/${document}.ts`,
    text: () =>
      `${banner(source)}\n${compileTemplate({ template: readFileSync(source, 'utf8'), name, view, form })}`,
  }
}

function banner(source: string): string {
  return `// Generated by bin/build/generate.ts from ${source}. Do not edit.`
}

/** Writes stale files. With `checkOnly`, it reports them and fails. */
async function generate(checkOnly: boolean): Promise<void> {
  const expected = new Map<string, string>()
  for (const { file, text } of derived) expected.set(file, await text())
  const stale = [...expected].filter(([file, text]) => readIfThere(file) !== text)
  const left = ['schema/generated', 'compiler/documents/generated']
    .flatMap(folder => (existsSync(folder) ? readdirSync(folder).map(file => `${folder}/${file}`) : []))
    .filter(file => !expected.has(file))
  if (checkOnly) {
    const screenshots = compareScreenshots(await listPicturedPages())
    for (const file of [...stale.map(([file]) => file), ...left])
      console.error(`stale: ${file} (npm run generate)`)
    for (const file of screenshots.stale)
      console.error(`stale: ${file} (npm run generate, where Chromium is installed)`)
    if (stale.length + left.length + screenshots.stale.length > 0) process.exitCode = 1
    return
  }
  for (const [file, text] of stale) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    console.log(`wrote ${file}`)
  }
  for (const file of left) {
    rmSync(file)
    console.log(`removed ${file}`)
  }
  // The pictures depend on the files that were just written.
  const screenshots = compareScreenshots(await listPicturedPages())
  if (screenshots.stale.length === 0) return
  const isTaken = await screenshots.take()
  const files = screenshots.stale.join(', ')
  console.log(
    isTaken ? `wrote ${files}` : `left ${files} as they were: there is no Chromium to take them anew`,
  )
}
