/**
 * An invisible character, or one that a terminal obeys; not the end of a line, and not a selector of emoji. This code defines
 * it again, and does not take it from the compiler.
 */
export const unseen = /(?!\n|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/**
 * The names of the commands that CI servers find in a log. As GitHub's runner does it
 * (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs), whatever the commands are called, and
 * the agent of Azure Pipelines.
 */
export function logCommandsIn(log: string): readonly string[] {
  return log.split(/[\r\n]+/).flatMap(line => {
    const [, name] = /^::([^\s:]+).*?::/.exec(line.trim()) ?? /##(?:vso)?\[([^\s\]]+).*?\]/i.exec(line) ?? []
    return name === undefined ? [] : [name]
  })
}
