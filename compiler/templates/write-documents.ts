import { type Liquid, LiquidError, type Template, toValueSync } from 'liquidjs'
import type { Diagnostic, Related } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import type { TextFile } from '../emit/manifest.ts'
import type { Mesh, TemplatedDocument } from '../mesh/mesh.ts'
import { makeEntities } from '../policies/entities.ts'
import { makeViews, Reads } from '../policies/view.ts'
import type { Workspace } from '../source/load.ts'
import { checkTemplate } from './check-template.ts'
import { templateFails, templateUnreadable } from './diagnostics.ts'
import { BoundedEmitter, CountingContext, LimitError } from './limits.ts'
import { makeEngine, parseTemplate } from './parse-template.ts'
import { makePlain } from './plain-view.ts'

/** The documents that the templates of a project make. */
interface WrittenDocuments {
  readonly documents: readonly TextFile[]
  /** The templates that were read. */
  readonly sources: readonly Source[]
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Writes the documents of a mesh that have templates in the project.
 *
 * @param isSound false: the mesh is wrong, so that templates are only looked at
 */
export function writeDocuments(mesh: Mesh, isSound: boolean, workspace: Workspace): WrittenDocuments {
  const engine = makeEngine()
  const sources = new Map<string, Source>()
  const documents: TextFile[] = []
  const diagnostics: Diagnostic[] = []
  let values: object | undefined
  for (const document of mesh.delivery.documents) {
    const read = readTemplate(document, workspace)
    if ('fault' in read) {
      diagnostics.push(read.fault)
      continue
    }
    sources.set(read.name, read)
    const parsed = parseTemplate(engine, read)
    const faults = 'fault' in parsed ? [parsed.fault] : checkTemplate(parsed.templates, read.name)
    const written: Related = { at: { path: document.origin.path }, message: `it makes \`${document.name}\`` }
    diagnostics.push(...faults.map(fault => ({ ...fault, related: [written] })))
    if ('fault' in parsed || faults.length > 0 || !isSound) continue
    values ??= makeValues(mesh)
    const rendered = render(engine, parsed.templates, values, read.name)
    if (typeof rendered === 'string') documents.push({ path: `docs/${document.name}`, text: rendered })
    else diagnostics.push({ ...rendered, related: [written] })
  }
  return { documents, sources: [...sources.values()], diagnostics }
}

function readTemplate(
  { template, origin }: TemplatedDocument,
  workspace: Workspace,
): Source | { readonly fault: Diagnostic } {
  const file = template.value
  const content = workspace.read(file)
  if ('text' in content) return { name: file, text: content.text }
  const reason = 'reason' in content ? content.reason : 'it is larger than 64 MiB'
  return { fault: templateUnreadable({ path: origin.path }, { file, reason }) }
}

/** Makes the variables of templates: the mesh, as policies read it. */
function makeValues(mesh: Mesh): object {
  const entities = makeEntities(mesh, makeViews(new Reads()))
  return Object.assign(Object.create(null), { mesh: makePlain(entities.object, 'Mesh') })
}

/** Renders a template: the text, or the reason for its absence. */
function render(
  engine: Liquid,
  templates: readonly Template[],
  values: object,
  file: string,
): string | Diagnostic {
  const emitter = new BoundedEmitter()
  try {
    const context = new CountingContext(values, engine)
    toValueSync(engine.renderer.renderTemplates([...templates], context, emitter))
    return emitter.buffer
  } catch (error) {
    if (!(error instanceof LiquidError)) throw error
    const { token, originalError: cause } = error
    const isLimit = cause instanceof LimitError
    const problem = isLimit ? cause.message : `this cannot be rendered: ${cause?.message}`
    const help = isLimit ? 'write less, and fewer loops inside of each other' : undefined
    return templateFails({ location: { file, start: token.begin, end: token.end } }, { problem, help })
  }
}
