/**
 * An invisible character or a control character of a terminal, but no end of a line and no selector of emoji.
 * This definition is independent of the compiler.
 */
export const unseen = /(?!\n|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

/**
 * Lists the names of the commands that CI servers find in a log. The patterns are those of GitHub's runner
 * (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs), for any command name, and
 * of the agent of Azure Pipelines.
 */
export function logCommandsIn(log: string): readonly string[] {
  return log.split(/[\r\n]+/).flatMap(line => {
    const [, name] = /^::([^\s:]+).*?::/.exec(line.trim()) ?? /##(?:vso)?\[([^\s\]]+).*?\]/i.exec(line) ?? []
    return name === undefined ? [] : [name]
  })
}
