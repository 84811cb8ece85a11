import { hiddenInLine, measureCell, printCodePoint } from '../../compiler/diagnostics/visible.ts'

/**
 * Text for people that is safe for a terminal or a log, from any author.
 *
 * - An invisible character is shown as a sign or as its number, except for line ends, and the colours of meshc if they are wanted.
 * - No line is a command to a CI server: the character that would make it one is shown as its number. GitHub's runner executes
 *   `::name::` at the beginning of a line, after spaces, and `##[name]` anywhere
 *   (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs); the agent of Azure Pipelines executes
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
