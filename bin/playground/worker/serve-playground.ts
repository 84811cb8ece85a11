import { type Connection, type Hover, MarkupKind } from 'vscode-languageserver'
import { weakMemo } from '../../../compiler/basics/weak-memo.ts'
import type { Compilation } from '../../../compiler/compilation.ts'
import type { SourceMapEntry } from '../../../compiler/emit/print.ts'
import meshSchema from '../../../schema/mesh.schema.json' with { type: 'json' }
import { compileEdited } from '../../lsp/compile-edited.ts'
import { hover } from '../../lsp/hover.ts'
import { serveProjects } from '../../lsp/serve-projects.ts'
import type { Snapshot } from '../../lsp/snapshot.ts'
import type { View } from '../../lsp/view.ts'
import { projectNames } from '../../schema/project-names.ts'
import { deriveWorkspaceSchema } from '../../schema/workspace-schema.ts'
import type {
  BuildAnswer,
  Checked,
  EnvironmentQuestion,
  ImpactAnswer,
  ImpactQuestion,
  MapAnswer,
  MapQuestion,
  WhyAnswer,
  WhyQuestion,
} from '../share/messages.ts'
import { readUri } from '../share/uri.ts'
import { drawMapData, type MapParts, printMap, printMapData } from './draw-map.ts'
import { explainLine } from './explain-line.ts'
import { findImpactLines } from './find-impact-lines.ts'
import { makeSchemaService, type SchemaService } from './schema-service.ts'
import { makeTextHost } from './text-host.ts'

/** The surroundings of the worker. */
interface Surroundings {
  readonly version: string
  /** Gives the address of the page of a diagnostic. */
  readonly pageOf: (code: string) => string
  readonly loadMapParts: () => Promise<MapParts>
}

/** Serves the playground over a connection: as the language server, and with the questions of `share/messages.ts`. */
export function servePlayground(
  connection: Connection,
  { version, pageOf, loadMapParts }: Surroundings,
): void {
  const getSchemaService = memoLast(makeNamedSchemaService)
  const { answer } = serveProjects(connection, {
    version,
    locate: readUri,
    openProject: makeTextHost,
    describeDefect: error => (error instanceof Error ? error.message : String(error)),
    pageOf,
    capabilities: { completionProvider: { triggerCharacters: [' ', ':', '-', '/', '.'] } },
    onChecked: (root, snapshot) => {
      void connection.sendNotification('meshc/checked', describeCheck(root, snapshot))
    },
  })

  connection.onCompletion(
    answer((snapshot, file, { position }) => {
      const document = snapshot.textDocument(file)
      return document && getSchemaService(serializeNames(snapshot)).complete(document, position)
    }),
  )
  // This replaces the answer of the language server: first the words of the schema, then those of the spec.
  connection.onHover(
    answer(async (snapshot, file, { position }): Promise<Hover | undefined> => {
      const document = snapshot.textDocument(file)
      const ofSchema =
        document && (await getSchemaService(serializeNames(snapshot)).hover(document, position))
      const ofSpec = hover(snapshot, file, position, MarkupKind.Markdown)
      // A heading of a tooltip is not a heading of the page.
      const parts = [readMarkdown(ofSchema).replaceAll(/^#+ (.+)$/gm, '**$1**'), readMarkdown(ofSpec)]
      const value = parts.filter(part => part !== '').join('\n\n')
      return value === ''
        ? undefined
        : {
            contents: { kind: MarkupKind.Markdown, value },
            ...(ofSchema?.range && { range: ofSchema.range }),
          }
    }),
  )
  connection.onRequest(
    'meshc/build',
    answer((snapshot, _, question: EnvironmentQuestion): BuildAnswer => {
      const compilation = findCompilation(snapshot, question)
      return { files: compilation && [...compilation.files()].map(({ path, text }) => ({ path, text })) }
    }),
  )
  connection.onRequest(
    'meshc/impact',
    answer((snapshot, file, question: ImpactQuestion): ImpactAnswer | undefined => {
      const view = findView(snapshot, question)
      if (view?.result.ok !== true) return undefined
      const { value, sources } = view.result
      return findImpactLines(file, question.line, value, traceAll(value), sources, edits => {
        const edited = compileEdited(view, edits)
        return edited.ok ? edited.value : undefined
      })
    }),
  )
  connection.onRequest(
    'meshc/why',
    answer((snapshot, _, question: WhyQuestion): { readonly answer: WhyAnswer | undefined } | undefined => {
      const view = findView(snapshot, question)
      if (view?.result.ok !== true) return undefined
      const { value, sources } = view.result
      return { answer: explainLine(question.path, question.line, value, traceAll(value), sources) }
    }),
  )
  connection.onRequest(
    'meshc/map',
    answer(async (snapshot, _, question: MapQuestion): Promise<MapAnswer> => {
      const view = findView(snapshot, question)
      if (view?.result.ok !== true) return {}
      const { value, sources } = view.result
      const data = drawMapData(view.environment, value, sources, version)
      return question.isOpen ? { data: printMapData(data) } : { html: printMap(data, await loadMapParts()) }
    }),
  )
}

function readMarkdown(hover: Hover | null | undefined): string {
  const contents = hover?.contents
  return contents !== undefined && typeof contents === 'object' && 'value' in contents ? contents.value : ''
}

const findView = ({ views }: Snapshot, { environment }: EnvironmentQuestion): View | undefined =>
  views.find(view => view.environment.name === environment)

function findCompilation(snapshot: Snapshot, question: EnvironmentQuestion): Compilation | undefined {
  const result = findView(snapshot, question)?.result
  return result?.ok === true ? result.value : undefined
}

/** The whole source map of a compilation, which many questions need. */
const traceAll = weakMemo((compilation: Compilation): readonly SourceMapEntry[] => [
  ...compilation.sourceMap(),
])

const describeCheck = (root: string, { views }: Snapshot): Checked => ({
  root,
  environments: views.map(({ environment, result }) => {
    const count = (severity: 'error' | 'warning') =>
      result.diagnostics.filter(diagnostic => diagnostic.severity === severity).length
    return {
      name: environment.name,
      sources: result.sources.map(({ name }) => name),
      errors: count('error'),
      warnings: count('warning'),
    }
  }),
})

/** The specs of a project whose names are offered, as JSON. */
function serializeNames({ views }: Snapshot): string {
  const specs = new Map<string, unknown>()
  for (const { layers } of views)
    for (const { source, value } of layers.documents) specs.set(source.name, value)
  const { versions, ports, ...names } = projectNames([...specs.values()])
  return JSON.stringify([names, versions, ports], (_, value) => (value instanceof Map ? [...value] : value))
}

function makeNamedSchemaService(names: string): SchemaService {
  const [shared, versions, ports] = JSON.parse(names)
  const readNames = (entries: readonly [string, string][]) => new Map(entries)
  const readAll = (entries: readonly [string, [string, string][]][]) =>
    new Map(entries.map(([name, named]) => [name, readNames(named)]))
  return makeSchemaService(
    deriveWorkspaceSchema(meshSchema, {
      services: readNames(shared.services),
      clusters: readNames(shared.clusters),
      gateways: readNames(shared.gateways),
      externals: readNames(shared.externals),
      namespaces: readNames(shared.namespaces),
      revisions: readNames(shared.revisions),
      hosts: readNames(shared.hosts),
      issuers: readNames(shared.issuers),
      authorizers: readNames(shared.authorizers),
      limiters: readNames(shared.limiters),
      versions: readAll(versions),
      ports: readAll(ports),
    }),
  )
}

/** Keeps the value of the last key. */
function memoLast<Value>(make: (key: string) => Value): (key: string) => Value {
  let last: { readonly key: string; readonly value: Value } | undefined
  return key => {
    if (last?.key !== key) last = { key, value: make(key) }
    return last.value
  }
}
