import type { Mesh } from '../../../mesh/mesh.ts'
import { unwrap } from '../../../mesh/sourced.ts'
import type { Manifest, ManifestFile, TextFile } from '../../manifest.ts'
import { inTemplate, printTemplate, printYaml } from '../../yaml.ts'
import { chartMetadata } from './chart-metadata.ts'
import { argocd, type Group, groupOf, switchKey } from './groups.ts'
import { helpers } from './helpers.ts'
import { notes } from './notes.ts'
import { readme } from './readme.ts'
import { settingsOf } from './settings.ts'
import { valuesSchema } from './values-schema.ts'
import { valuesYaml } from './values-yaml.ts'

/** Helm refuses a file of more than 5 MiB; what is split earlier is also in memory for less long. */
const templateSize = 1_000_000

/** The objects of one kind, on their way into templates. */
interface Template {
  readonly group: Group
  readonly kind: string
  text: string
  /** How many files of it are done. */
  files: number
}

/**
 * The Helm chart of an environment, made while its manifests are printed: one template a kind, whose objects are those
 * of the manifests, but for what the values of the chart can change.
 */
export class Chart {
  private readonly mesh: Mesh
  /** What to edit instead. */
  private readonly entry: string
  private readonly templates = new Map<string, Template>()

  constructor(mesh: Mesh, entry: string) {
    this.mesh = mesh
    this.entry = entry
  }

  /**
   * Takes the manifests of a file in; gives the templates that are full with them.
   *
   * @param texts the manifests as they are printed
   */
  *add(file: ManifestFile | TextFile, texts: readonly string[]): Iterable<TextFile> {
    if ('text' in file) return
    const [folder] = file.path.split('/')
    if (folder !== 'manifests' && folder !== 'argocd') return
    for (const [index, manifest] of file.manifests.entries()) {
      const template = this.templateOf(manifest, folder)
      template.text += `---\n${isAdjustable(manifest) ? printTemplate(manifest.tree) : inTemplate(texts[index]!)}`
      if (template.text.length > templateSize) yield this.filled(template)
    }
  }

  /** The files that are left once every manifest is in. */
  *rest(): Iterable<TextFile> {
    for (const template of this.templates.values()) if (template.text !== '') yield this.filled(template)
    const metadata = chartMetadata(this.mesh)
    const settings = settingsOf(this.mesh, this.groups())
    yield this.file('Chart.yaml', printYaml(metadata), yamlComment)
    yield this.file('values.yaml', valuesYaml(settings), yamlComment)
    yield { path: 'chart/.helmignore', text: ignored }
    yield { path: 'chart/values.schema.json', text: valuesSchema(settings) }
    yield { path: 'chart/README.md', text: readme(metadata, settings) }
    yield { path: 'chart/templates/NOTES.txt', text: notes(this.mesh) }
    yield this.file('templates/_helpers.tpl', helpers, templateComment)
  }

  private templateOf({ kind, tree }: Manifest, folder: 'manifests' | 'argocd'): Template {
    // Every manifest has an API version.
    const { apiVersion } = unwrap(tree) as { readonly apiVersion: unknown }
    const group = folder === 'argocd' ? argocd : groupOf(unwrap(apiVersion) as string)
    const id = `${group.folder}/${kind}`
    const known = this.templates.get(id)
    if (known !== undefined) return known
    const template = { group, kind, text: '', files: 0 }
    this.templates.set(id, template)
    return template
  }

  /** What is in a template as a file, which leaves it empty. */
  private filled(template: Template): TextFile {
    const { group, kind, text } = template
    const { folder, key } = group
    template.text = ''
    template.files++
    const name = `${kind.toLowerCase()}${template.files > 1 ? `-${template.files}` : ''}`
    const condition = `and .Values.${key}.enabled .Values.${key}.${switchKey(kind)}`
    const body = `{{- if ${condition} }}\n${text}{{- end }}\n`
    return this.file(`templates/${folder}/${name}.yaml`, body, templateComment)
  }

  private groups() {
    const groups = new Map<Group, string[]>()
    for (const { group, kind } of this.templates.values())
      groups.set(group, [...(groups.get(group) ?? []), kind])
    return [...groups].map(([group, kinds]) => ({ group, kinds: kinds.toSorted() }))
  }

  private file(path: string, text: string, comment: (text: string) => string): TextFile {
    return {
      path: `chart/${path}`,
      text: `${comment(`Built by meshc from ${this.entry}: change that, not this.`)}\n${text}`,
    }
  }
}

/** What may lie beside a chart and is no part of it. */
const ignored = '.git/\n.gitignore\n.idea/\n.vscode/\n.DS_Store\n*.swp\n*.orig\n*~\n'

const yamlComment = (text: string) => `# ${text}`
const templateComment = (text: string) => `{{- /* ${text} */}}`

/** Whether a manifest may have parts that values of the chart can change. */
const isAdjustable = ({ kind }: Manifest) => kind === 'VirtualService' || kind === 'Application'
