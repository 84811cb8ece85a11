import type { Problem } from '../editor/diagnostics.ts'

/** The findings of a project: a click leads to the place, and a button makes the fix. */
export function ProblemList({
  problems,
  isChecked,
  onShow,
  onFix,
}: {
  readonly problems: readonly Problem[]
  readonly isChecked: boolean
  readonly onShow: (problem: Problem) => void
  readonly onFix: (problem: Problem) => void
}) {
  if (problems.length === 0)
    return <p class="calm">{isChecked ? 'No findings: the spec compiles.' : 'Compiling…'}</p>
  return (
    <ul class="problems">
      {problems.map(problem => (
        <li class={problem.severity} key={`${problem.uri} ${JSON.stringify(problem.diagnostic)}`}>
          <div class="problem">
            <button type="button" class="plain" onClick={() => onShow(problem)}>
              <span class="severity">{problem.severity}</span> <Words text={problem.message} />{' '}
              <span class="place">
                {problem.file}:{problem.line}
              </span>
            </button>
            <a href={problem.page} target="_blank" rel="noopener">
              {problem.code}
            </a>
          </div>
          {problem.help !== undefined && (
            <p class="help">
              <Words text={problem.help} />
            </p>
          )}
          {problem.fix !== undefined && (
            <button type="button" class="fix" onClick={() => onFix(problem)}>
              Fix: {problem.fix}
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}

/** A sentence, whose words between backticks are code. */
export function Words({ text }: { readonly text: string }) {
  return (
    <>
      {text.split(/(`[^`]+`)/).map((part, index) =>
        // The parts of a text never change their order.
        part.startsWith('`') && part.length > 1 ? <code key={index}>{part.slice(1, -1)}</code> : part,
      )}
    </>
  )
}
