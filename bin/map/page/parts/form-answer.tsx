import type { FormAnswer, TracePlace, TraceStep } from '../../../../compiler/map/answers.ts'
import { Command } from './copy-button.tsx'
import { Places } from './places.tsx'

/** The answer to the form: the verdict, the command that asks the same, and the steps. */
export function Answer({ answer }: { readonly answer: FormAnswer }) {
  if (answer.kind === 'failure') {
    return (
      <div class="verdict failure" role="alert">
        <p>{answer.message}</p>
        {answer.help !== undefined && <p class="help">help: {answer.help}</p>}
      </div>
    )
  }
  const { json, command } = answer
  return (
    <>
      <Verdict verdict={json.verdict} isOk={json.ok} />
      <Command text={command} />
      <Steps title="At the caller" steps={json.steps} />
      {json.outcomes.map(({ workload, cluster, verdict, status, transport, policy, steps }) => (
        <section class="part">
          <h3>
            <bdi>{workload ?? cluster ?? 'Arrives'}</bdi>
          </h3>
          <p>
            <strong>{verdict}</strong>
            {status !== undefined && <span class="tag">{status}</span>}
            {transport !== undefined && <span class={`tag ${transport}`}>{transport}</span>}
            {policy !== undefined && <span class="quiet"> {policy}</span>}
          </p>
          <StepList steps={steps} />
        </section>
      ))}
      {json.unknown.length > 0 && (
        <section class="part">
          <h3>Not known, because of</h3>
          <ol class="steps">
            {json.unknown.map(place => (
              <li>
                {place.reason}
                <At places={[place]} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  )
}

/** The verdict in a color, with a sign that says the same. */
function Verdict({ verdict, isOk }: { readonly verdict: string; readonly isOk: boolean }) {
  const kind = isOk ? 'passes' : /unknown/i.test(verdict) ? 'unknown' : 'refused'
  const sign = { passes: '✓', refused: '✕', unknown: '?' }[kind]
  return (
    <p class={`verdict ${kind}`}>
      <span aria-hidden="true">{sign}</span> {verdict}
    </p>
  )
}

function Steps({ title, steps }: { readonly title: string; readonly steps: readonly TraceStep[] }) {
  if (steps.length === 0) return null
  return (
    <section class="part">
      <h3>{title}</h3>
      <StepList steps={steps} />
    </section>
  )
}

function StepList({ steps }: { readonly steps: readonly TraceStep[] }) {
  return (
    <ol class="steps">
      {steps.map(({ step, says, at }) => (
        <li>
          <span class="step">{step}</span> {says}
          <At places={at} />
        </li>
      ))}
    </ol>
  )
}

/** The objects behind a step, with their lines where a manifest has them. */
function At({ places }: { readonly places: readonly TracePlace[] }) {
  return (
    <>
      {places.map(({ object, pointer, file, line, spec, decision }) => (
        <div class="at">
          <code>{`${object}${pointer === '' ? '' : ` ${pointer}`}`}</code>
          {file !== undefined && line !== undefined && (
            <Places
              places={[
                {
                  file,
                  line,
                  ...(spec === undefined ? {} : { spec }),
                  ...(decision === undefined ? {} : { decision }),
                },
              ]}
            />
          )}
        </div>
      ))}
    </>
  )
}
