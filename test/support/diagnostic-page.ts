import { readFileSync } from 'node:fs'

/** Texts of specs by their paths. */
export type PageFiles = Readonly<Record<string, string>>

/** The content of a page of docs/diagnostics. */
interface DiagnosticPage {
  readonly heading: string
  /** The text between the heading and the first section. */
  readonly explanation: string
  readonly wrong: PageSection
  readonly right: PageSection
}

/** The content of a section. */
export interface PageSection {
  readonly files: PageFiles
  /** A description of files that a page cannot show. */
  readonly description: string | undefined
}

/** The folder of the pages. */
export const pagesFolder = new URL('../../docs/diagnostics/', import.meta.url)

/**
 * Reads the page of a code: a heading, an explanation, a section `Wrong` and a section `Right`. Each section
 * has blocks of yaml or liquid, and the first line of a block is a comment with the path of the file. A block
 * of text describes a file that the page cannot show.
 */
export function readPage(code: string): DiagnosticPage {
  const page = readFileSync(new URL(`${code}.md`, pagesFolder), 'utf8')
  const [start = '', wrong, right, ...rest] = page.split(/^## /m)
  if (wrong === undefined || right === undefined || rest.length > 0)
    throw new Error(`${code}.md has not two sections`)
  const [heading = '', ...explanation] = start.split('\n')
  return {
    heading,
    explanation: explanation.join('\n').trim(),
    wrong: readSection(wrong, 'Wrong', code),
    right: readSection(right, 'Right', code),
  }
}

/** The first line of a block of Liquid: a comment with the path of the file. */
export const templateHead = /^\{% # (\S+\.liquid) %\}\n/

function readSection(section: string, title: string, code: string): PageSection {
  if (!section.startsWith(`${title}\n`)) throw new Error(`${code}.md: a section is not called ${title}`)
  const files: Record<string, string> = {}
  let description: string | undefined
  for (const [, language, text = ''] of section.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)) {
    if (language === 'text') description = text
    else {
      const first = language === 'liquid' ? templateHead : /^# ((?:spec|out|clusters)\/\S+\.yaml)\n/
      const path = first.exec(text)?.[1]
      if (!['yaml', 'liquid'].includes(language ?? '') || path === undefined || path in files)
        throw new Error(`${code}.md: a block of ${title} is not a file of its own`)
      files[path] = text
    }
  }
  return { files, description }
}
