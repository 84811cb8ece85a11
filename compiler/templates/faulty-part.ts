import type { Diagnostic, DiagnosticFactory } from '../diagnostics/diagnostic.ts'

/** Thrown if a part of a template is wrong: the expression around it cannot be checked. */
export class FaultyPart extends Error {
  /** Makes the diagnostic of the part in a file. */
  readonly report: (file: string) => Diagnostic

  constructor(problem: string, report: (file: string) => Diagnostic) {
    super(problem)
    this.report = report
  }
}

/** A part of a text, such as a token. */
export interface TextRange {
  readonly begin: number
  readonly end: number
}

/** Refuses a part of a template: see `FaultyPart`. */
export function refusePart(
  diagnostic: DiagnosticFactory<{ readonly problem: string; readonly help: string | undefined }>,
  { begin, end }: TextRange,
  problem: string,
  help?: string,
): never {
  throw new FaultyPart(problem, file =>
    diagnostic({ location: { file, start: begin, end } }, { problem, help }),
  )
}
