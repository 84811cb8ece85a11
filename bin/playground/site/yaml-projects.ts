import type { SharedProject } from '../share/hash.ts'

/** A block of YAML or Liquid of a page. */
export interface YamlBlock {
  /** The mark behind the language, as in "```yaml wrong"; empty without one. */
  readonly mark: string
  readonly text: string
}

/**
 * Finds the projects of the blocks of a page of diagnostics: the blocks of one section are the files of one project.
 *
 * @param sections the blocks of each section of the page
 */
export function findPageProjects(
  sections: readonly (readonly YamlBlock[])[],
): readonly (SharedProject | undefined)[] {
  return sections.flatMap(blocks => {
    const files = Object.fromEntries(
      blocks.flatMap(({ text }) => {
        const path = readPath(text)
        return path === undefined ? [] : [[path, text]]
      }),
    )
    const hasSpec = Object.keys(files).some(path => path.endsWith('mesh.yaml'))
    return blocks.map(({ text }) => {
      const open = readPath(text)
      if (open?.endsWith('.liquid')) return undefined
      if (open !== undefined && hasSpec) return { files, open }
      // A mistake is a whole spec, without the line that names its file.
      return isSpecText(text) && open === undefined
        ? { files: { 'spec/prod/mesh.yaml': text }, open: 'spec/prod/mesh.yaml' }
        : undefined
    })
  })
}

/**
 * Finds the projects of the blocks of a guide: a block is laid over the project that `meshc init` writes; a block that is
 * marked as wrong takes the place of the file that it names.
 */
export function findGuideProjects(
  blocks: readonly YamlBlock[],
  shop: Readonly<Record<string, string>>,
): readonly (SharedProject | undefined)[] {
  const neighbors = blocks.flatMap(({ text }) => {
    const path = readPath(text)
    return path === undefined || !/^(?:out|clusters)\/|\.liquid$/.test(path)
      ? []
      : [[path.replace(/^out\/\w+/, 'out/guide'), text] as const]
  })
  return blocks.map(({ text, mark }) => {
    const path = readPath(text)
    const layer = /^spec\/(base|dev|prod)\/mesh\.yaml$/.exec(path ?? '')?.[1]
    if (path === undefined || layer === undefined) return undefined
    const body = text.slice(text.indexOf('\n') + 1)
    if (mark === 'wrong') {
      const head = 'meshc: v1\nenvironment: prod\nextends: ../base/mesh.yaml\n'
      return { files: { ...shop, [path]: `${head}${body}` }, open: path, environment: 'prod' }
    }
    const head = `meshc: v1\nenvironment: guide\nextends: ../${layer === 'base' ? 'prod' : layer}/mesh.yaml\n\n`
    return {
      files: { ...shop, ...Object.fromEntries(neighbors), 'spec/guide/mesh.yaml': `${head}${body}` },
      open: 'spec/guide/mesh.yaml',
      environment: 'guide',
    }
  })
}

const readPath = (text: string): string | undefined =>
  /^(?:# (?=\S+\.ya?ml\n)|\{% # (?=\S+\.liquid %\}\n))(\S+)/.exec(text)?.[1]

const isSpecText = (text: string): boolean => /^meshc: v1$/m.test(text)
