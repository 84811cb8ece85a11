import { readdirSync, readFileSync } from 'node:fs'
import { memo } from '../../compiler/basics/memo.ts'
import type { Compilation } from '../../compiler/compilation.ts'
import { type CompileResult, compile } from '../../compiler/compile.ts'
import type { OutputFile } from '../../compiler/emit/print.ts'
import type { Workspace } from '../../compiler/source/load.ts'
import { getTexts, type Spec } from '../arbitraries/mesh.ts'
import { getWorkspace } from './compile-text.ts'

const root = new URL('../../', import.meta.url)

/** The files of this project. */
const project: Workspace = {
  read(path) {
    try {
      return { text: readFileSync(new URL(path, root), 'utf8') }
    } catch (error) {
      return { reason: String(error) }
    }
  },
  list: folder => {
    const entries = readdirSync(new URL(`${folder}/`, root), { withFileTypes: true })
    return entries.filter(entry => entry.isFile()).map(({ name }) => `${folder}/${name}`)
  },
  listBelow: () => [],
}

/** The environments that this project ships, as folders below `spec/`. */
export const environments = [
  'dev',
  'staging',
  'prod',
  'examples/bank/eu1',
  'examples/bank/eu2',
  'examples/bank/us1',
  'examples/bookinfo',
  'examples/online-boutique',
]

/** Compiles and prints one of these environments, only once. */
export const compileEnvironment = memo(
  (name: string): Compilation => printedOnce(compiled(`spec/${name}/mesh.yaml`, project)),
)

const compilations = new WeakMap<Spec, Compilation>()

/** Compiles a drawn spec, which is valid by construction. Compiles and prints the same spec only once. */
export function compileSpec(spec: Spec): Compilation {
  const before = compilations.get(spec)
  if (before !== undefined) return before
  const compilation = printedOnce(compiled(spec.entry, getWorkspace(getTexts(spec))))
  compilations.set(spec, compilation)
  return compilation
}

function printedOnce(compilation: Compilation): Compilation {
  let printed: readonly OutputFile[] | undefined
  return {
    ...compilation,
    files() {
      printed ??= [...compilation.files()]
      return printed
    },
  }
}

/** Compiles a spec that may be invalid, and returns its diagnostics too. */
export const diagnose = (spec: Spec): CompileResult => compile(spec.entry, getWorkspace(getTexts(spec)))

/** Compiles a spec that may be invalid. Returns undefined if it is invalid. */
export function tryCompileSpec(spec: Spec): Compilation | undefined {
  const result = diagnose(spec)
  return result.ok ? result.value : undefined
}

function compiled(entry: string, workspace: Workspace): Compilation {
  const result = compile(entry, workspace)
  if (result.ok) return result.value
  const errors = result.diagnostics.map(
    ({ code, message, at }) => `${code} ${message} (${at.file}:${at.start})`,
  )
  throw new Error(`${entry} does not compile:\n${errors.join('\n')}`)
}
