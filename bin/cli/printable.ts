import { hiddenInLine, measureCell, printCodePoint } from '../../compiler/diagnostics/visible.ts'

/**
 * Text for people as it may be printed to a terminal or a log, from any author.
 *
 * - An invisible character is shown as a sign or as its number, but for the ends of lines, and the colours of meshc where they
 *   are wanted.
 * - No line is a command to a CI server: the sign that would make it one is shown as its number. GitHub's runner obeys
 *   `::name::` at the beginning of a line, behind spaces, and `##[name]` anywhere
 *   (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs); the agent of Azure Pipelines obeys
 *   `##[name]` and `##vso[name]`.
 */
export const makePrintable = (text: string, hasColor: boolean): string =>
  text
    .replace(hasColor ? colorOrHidden : hiddenInLine, part =>
      color.test(part) ? part : measureCell(part).shown,
    )
    .replace(lineCommand, (_, before: string) => `${before}${printCodePoint(':')}`)
    .replace(/#(?=#(?:\[|vso\[))/gi, printCodePoint)

const color = /^\p{Cc}\[[0-9;]*m$/u
const colorOrHidden = new RegExp(`\u001b\\[[0-9;]*m|${hiddenInLine.source}`, 'gu')
// .NET trims every sort of white space; a colour is no text of the line. No command has a name that begins with a colon.
const lineCommand = /(^(?:[^\S\p{Cc}]|(?!\n)\p{Cc}(?:\[[0-9;]*m)?)*):(?=:(?!:))/gmu
