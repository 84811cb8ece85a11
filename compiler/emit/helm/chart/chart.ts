import type { Mesh } from '../../../mesh/mesh.ts'
import { because, type Reason, Sourced, unwrap } from '../../../mesh/sourced.ts'
import { rootFile } from '../../argocd/names.ts'
import {
  type Manifest,
  type ManifestFile,
  makeTextFile,
  makeTracedFile,
  type TextFile,
} from '../../manifest.ts'
import { type OnScalar, printYaml } from '../../yaml.ts'
import { makeChartMetadata } from './chart-metadata.ts'
import { argocd, type Group, makeApiGroup, switchKey } from './groups.ts'
import { helpers } from './helpers.ts'
import { printNotes } from './notes.ts'
import { printReadme } from './readme.ts'
import { listChartSettings } from './settings.ts'
import { printValuesSchema } from './values-schema.ts'
import { printValues } from './values-yaml.ts'

/** Helm refuses a file of more than 5 MiB; a smaller limit also keeps less text in memory. */
const templateSize = 1_000_000

/** The objects of one kind, on their way into templates. */
interface Template {
  readonly group: Group
  readonly kind: string
  /** The reasons of the template, which are those of its first object. */
  readonly reasons: readonly Reason[]
  text: string
  /** The number of its files that are done. */
  files: number
}

/**
 * The Helm chart of an environment, made while its manifests are printed. There is one template for each kind. Its objects are those
 * of the manifests, except for parts that the values of the chart can change.
 */
export class Chart {
  private readonly mesh: Mesh
  /** The file to edit instead. */
  private readonly entry: string
  private readonly templates = new Map<string, Template>()

  constructor(mesh: Mesh, entry: string) {
    this.mesh = mesh
    this.entry = entry
  }

  /**
   * Takes the manifests of a file in; gives the templates that are full with them.
   *
   * @param texts the manifests as templates
   */
  *add(file: ManifestFile | TextFile, texts: readonly string[]): Iterable<TextFile> {
    for (const [index, [, template]] of this.see(file).entries()) {
      template.text += `---\n${texts[index]!}`
      if (template.text.length > templateSize) yield this.filled(template)
    }
  }

  /** Takes notice of the manifests of a file; gives those that are in the chart, each with its template. */
  see(file: ManifestFile | TextFile): readonly (readonly [Manifest, Template])[] {
    const [folder] = file.path.split('/')
    if ('text' in file || (folder !== 'manifests' && folder !== 'argocd')) return []
    // No Application delivers the objects that helm installs.
    if (file.path === rootFile) return []
    return file.manifests.map(manifest => [manifest, this.templateOf(manifest, folder)])
  }

  /** The templates that are left once every manifest is in. */
  *rest(): Iterable<TextFile> {
    for (const template of this.templates.values()) if (template.text !== '') yield this.filled(template)
  }

  /** Yields the files of a chart other than its templates, after every manifest was seen. */
  *frame(): Iterable<TextFile> {
    const { mesh } = this
    const metadata = makeChartMetadata(mesh)
    const settings = listChartSettings(mesh, this.groups())
    yield this.traced('Chart.yaml', 'HelmChart/chart', onScalar =>
      printYaml(because(metadata, ...(settings.reasons ?? [])), onScalar),
    )
    yield this.traced('values.yaml', 'HelmChartValues/chart', onScalar => printValues(settings, onScalar))
    yield { path: 'chart/.helmignore', text: ignoredFiles }
    yield makeTextFile('chart/values.schema.json', () => printValuesSchema(settings))
    yield makeTextFile('chart/README.md', () => printReadme(mesh, metadata, settings))
    yield { path: 'chart/templates/NOTES.txt', text: printNotes(mesh) }
    yield this.template('_helpers.tpl', helpers)
  }

  private templateOf({ kind, tree }: Manifest, folder: 'manifests' | 'argocd'): Template {
    // Every manifest has an API version.
    const { apiVersion } = unwrap(tree) as { readonly apiVersion: unknown }
    const group = folder === 'argocd' ? argocd : makeApiGroup(unwrap(apiVersion) as string)
    const id = `${group.folder}/${kind}`
    const knownTemplate = this.templates.get(id)
    if (knownTemplate !== undefined) return knownTemplate
    const reasons = [tree, apiVersion, getTreeName(tree)].filter(reason => reason instanceof Sourced)
    const template = { group, kind, reasons, text: '', files: 0 }
    this.templates.set(id, template)
    return template
  }

  /** Makes the file of a template, which leaves the template empty. */
  private filled(template: Template): TextFile {
    const { group, kind, text } = template
    const { folder, key } = group
    template.text = ''
    template.files++
    const name = `${kind.toLowerCase()}${template.files > 1 ? `-${template.files}` : ''}`
    const condition = `and .Values.${key}.enabled .Values.${key}.${switchKey(kind)}`
    const body = `{{- if ${condition} }}\n${text}{{- end }}\n`
    return this.template(`${folder}/${name}.yaml`, body)
  }

  private groups() {
    const groups = new Map<Group, Template[]>()
    for (const template of this.templates.values())
      groups.set(template.group, [...(groups.get(template.group) ?? []), template])
    return [...groups].map(([group, kinds]) => ({
      group,
      kinds: kinds.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
    }))
  }

  private traced(name: string, object: string, print: (onScalar?: OnScalar) => string): TextFile {
    return makeTracedFile(`chart/${name}`, object, `# ${this.header}`, print)
  }

  private template(path: string, text: string): TextFile {
    return { path: `chart/templates/${path}`, text: `{{- /* ${this.header} */}}\n${text}` }
  }

  private get header() {
    return `Built by meshc from ${this.entry}: change that, not this.`
  }
}

/** The name of an object, which every one has, with its reasons. */
const getTreeName = (tree: unknown): unknown =>
  (unwrap((unwrap(tree) as { readonly metadata: unknown }).metadata) as { readonly name: unknown }).name

/** The files that may be in the chart's folder but are not part of the chart. */
const ignoredFiles = '.git/\n.gitignore\n.idea/\n.vscode/\n.DS_Store\n*.swp\n*.orig\n*~\n'
