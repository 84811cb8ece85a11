import { defineDiagnostic } from '../diagnostics/diagnostic.ts'

interface Problem {
  readonly problem: string
  readonly help: string | undefined
}

const getProblem = ({ problem }: Problem) => problem

const giveHelp = ({ help }: Problem) => help

/** Diagnostics of the templates of a project, which point into the template. */
export const templateSyntax = defineDiagnostic<Problem>({
  code: 'MESH1025',
  severity: 'error',
  summary: 'A template is valid Liquid',
  message: getProblem,
  help: giveHelp,
})

export const templateUnreadable = defineDiagnostic<{ file: string; reason: string }>({
  code: 'MESH1026',
  severity: 'error',
  summary: 'Every template can be read',
  message: p => `the template \`${p.file}\` cannot be read: ${p.reason}`,
  help: () => 'name a file by its path from the root of the project, such as `templates/on-call.liquid`',
})

export const unknownTemplateField = defineDiagnostic<Problem>({
  code: 'MESH2053',
  severity: 'error',
  summary: 'A template reads variables and fields that exist',
  message: getProblem,
  help: giveHelp,
})

export const unknownTemplateWord = defineDiagnostic<Problem>({
  code: 'MESH2054',
  severity: 'error',
  summary: 'A template uses tags and filters that exist',
  message: getProblem,
  help: giveHelp,
})

export const wrongTemplateType = defineDiagnostic<Problem>({
  code: 'MESH3482',
  severity: 'error',
  summary: 'A template uses each value as its type allows',
  message: getProblem,
  help: giveHelp,
})

export const templateFails = defineDiagnostic<Problem>({
  code: 'MESH3483',
  severity: 'error',
  summary: 'A template renders within the limits',
  message: getProblem,
  help: giveHelp,
})

/** Every diagnostic of templates, in the order of their codes. */
export const templateDiagnostics = [
  templateSyntax,
  templateUnreadable,
  unknownTemplateField,
  unknownTemplateWord,
  wrongTemplateType,
  templateFails,
] as const
