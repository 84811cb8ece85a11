import { applyPatch, parsePatch } from 'diff'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, stringify } from 'yaml'
import type { Compilation } from '../../compiler/compilation.ts'
import { compile } from '../../compiler/compile.ts'
import { isMap } from '../../compiler/source/document.ts'
import { getEntry, getOutput, getSource } from '../support/built-from.ts'
import { compileText, getWorkspace } from '../support/compile-text.ts'
import { everyDrawnMesh, everyShippedMesh } from '../support/every-mesh.ts'
import { listBlocks } from '../support/markdown.ts'

const traffic = suite('report: traffic')

/** An example of the document: its heading, its edit, and the diff that the document shows. */
interface Example {
  readonly heading: string
  readonly edit: unknown
  readonly diff: string
}

function listExamples(compilation: Compilation): readonly Example[] {
  const text = [...compilation.files()].find(({ path }) => path === 'docs/TRAFFIC.md')?.text ?? ''
  return text.split(/^(?=##)/m).flatMap(section => {
    const blocks = listBlocks(section)
    const [edit, diff] = ['yaml', 'diff'].map(
      language => blocks.find(block => block.language === language)?.text,
    )
    if (edit === undefined) return []
    assert.ok(diff !== undefined, `an edit has a diff: ${section}`)
    return [{ heading: section.slice(0, section.indexOf('\n')), edit: parse(edit), diff }]
  })
}

/**
 * Merges a layer into a spec by the documented rules: null removes a value, maps are merged, any other value
 * replaces.
 */
function layered(below: unknown, above: unknown): unknown {
  if (!isMap(above)) return above
  const merged: Record<string, unknown> = { ...(isMap(below) ? below : {}) }
  for (const [key, value] of Object.entries(above)) {
    if (value === null) delete merged[key]
    else merged[key] = layered(merged[key], value)
  }
  return merged
}

/** Checks whether the document shows the changes of a file. It leaves out the alerts and the dashboard. */
const isShown = ({ path }: { readonly path: string }) =>
  path.startsWith('manifests/') && !/\.(alerts|dashboard)\.yaml$/.test(path)

/** Compiles the merged spec with an edit on top, as the same environment. */
function compiledWith(spec: unknown, compilation: Compilation): ReadonlyMap<string, string> {
  const source = { [getSource(compilation)]: stringify(spec) }
  const result = compile(getEntry(compilation), getWorkspace(source))
  assert.ok(
    result.ok,
    `the edited spec compiles: ${JSON.stringify(result.diagnostics.map(({ message }) => message))}`,
  )
  assert.equal(
    result.diagnostics.filter(({ code }) => code.startsWith('MESH1')),
    [],
  )
  const texts = new Map<string, string>()
  for (const file of result.value.files()) {
    // The documents come after the manifests.
    if (file.path.startsWith('docs/')) break
    if (isShown(file)) texts.set(file.path, file.text)
  }
  return texts
}

/** Compares every diff in a mesh's document with the changes from compiling the edited spec. */
function assertTrue(compilation: Compilation, saw: (heading: string) => void): void {
  if (compilation.mesh.delivery.outputs.docs === undefined) return
  const examples = listExamples(compilation)
  const output = getOutput(compilation)
  // The layers are merged already, and the compiler reads no other file.
  const alone = { extends: null, include: null, delivery: { documents: null } }
  let spec = layered(structuredClone(compilation.layers.value), alone)
  let before: ReadonlyMap<string, string> | undefined
  for (const { heading, edit, diff } of examples) {
    before ??= compiledWith(spec, compilation)
    const edited = layered(spec, edit)
    const after = compiledWith(edited, compilation)
    const patches = parsePatch(diff)
    const patched = new Map(before)
    for (const patch of patches) {
      assert.is(patch.oldFileName?.replace(/^a\//, ''), patch.newFileName?.replace(/^b\//, ''))
      const path = patch.newFileName!.slice(`b/${output}/`.length)
      const result = applyPatch(before.get(path)!, patch, { fuzzFactor: 0 })
      assert.not.equal(result, false, `${heading}: the diff of ${path} fits`)
      patched.set(path, String(result))
    }
    for (const [path, text] of after) assert.is(patched.get(path), text, `${heading}: ${path}`)
    assert.equal([...patched.keys()], [...after.keys()], heading)
    assert.ok(patches.length > 0, `${heading} changes something`)
    if (heading.startsWith('## The first canary')) {
      spec = edited
      before = after
    }
    saw(heading.replace(/ `.*/, ''))
  }
}

traffic('every diff is what compiling the edited spec gives, in the environments that ship', () => {
  const seen = new Set<string>()
  everyShippedMesh(compilation => assertTrue(compilation, heading => seen.add(heading)))
  assert.equal(
    [...seen]
      .map(heading => heading.replace(/From.*/, 'From'))
      .filter((first, index, all) => all.indexOf(first) === index)
      .sort(),
    ['## A/B', '## Blue-green', '## The first canary of', '### All of it', '### Back to', '### From'],
  )
})

traffic('every diff is what compiling the edited spec gives, for drawn specs', () => {
  let seen = 0
  everyDrawnMesh(compilation => assertTrue(compilation, () => seen++))
  assert.ok(seen > 150, `only ${seen} examples were drawn`)
})

/** Returns the section about canaries of a service with these versions and shares. */
function getCanary(versions: readonly string[], shares: Readonly<Record<string, string>>): string {
  const result = compileText(
    stringify({
      meshc: 'v1',
      mesh: 'shop',
      environment: 'prod',
      services: {
        cart: {
          namespace: 'cart',
          port: { http: 80 },
          versions: Object.fromEntries(versions.map((name, index) => [name, { version: `v${index + 1}` }])),
          traffic: shares,
          allow: [{ from: 'cart', methods: ['GET'] }],
        },
      },
    }),
  )
  assert.ok(result.ok)
  const text = [...result.value.files()].find(({ path }) => path === 'docs/TRAFFIC.md')!.text
  return text.split(/^(?=## )/m).find(section => section.startsWith('## Canary'))!
}

traffic('a version is the canary by its name or its number, whatever share it has', () => {
  const cases = [
    [['stable', 'canary'], { stable: '90%', canary: '10%' }, 'canary', '### From 10% to 25%'],
    [['stable', 'canary'], { stable: '25%', canary: '75%' }, 'canary', '### From 75% to 100%'],
    [['stable', 'canary'], { canary: '100%' }, 'canary', '### Back to `stable`'],
    [['stable', 'canary'], { stable: '100%' }, 'canary', '### From 0% to 10%'],
    [['v9', 'v10'], { v9: '25%', v10: '75%' }, 'v10', '### From 75% to 100%'],
    [['blue', 'green'], { blue: '20%', green: '80%' }, 'blue', '### From 20% to 25%'],
  ] as const
  for (const [versions, shares, canary, heading] of cases) {
    const section = getCanary(versions, shares)
    assert.match(section, `goes to \`${canary}\` of \`cart\``)
    assert.match(section, heading)
  }
})

traffic.run()
