import { useEffect, useMemo } from 'preact/hooks'
import type { FormAnswer, FormRequest, TracePlace, TraceStep } from '../../../../compiler/map/answers.ts'
import { listCallerWords, listHostWords } from '../graph/suggestions.ts'
import { fillForm } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { Command } from './copy-button.tsx'
import { Places } from './places.tsx'
import { useAnswer } from './use-answer.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The form that asks what happens to a request, and the answer. The address holds both, so that a link asks the same. */
export function AskPanel() {
  const { graph, side, state, change, showWay } = usePage()
  const { form, isAsked } = state.question
  const waiting = useAnswer<'form'>(isAsked ? { kind: 'form', form } : undefined)
  const answer = waiting.state === 'answered' ? waiting.answer : undefined
  useEffect(() => {
    if (answer !== undefined) showWay(answer.kind === 'result' ? answer.way : [])
  }, [answer])
  const fill = (part: Partial<FormRequest>) => change(state => fillForm(state, part))
  const submit = (event: Event) => {
    event.preventDefault()
    change(state => ({ ...state, question: { ...state.question, isAsked: true } }))
  }
  const callers = useMemo(() => listCallerWords(side), [side])
  const hosts = useMemo(() => listHostWords(graph, side), [graph, side])
  return (
    <article>
      <header class="headline">
        <p class="kind">question</p>
        <h2>What happens to a request?</h2>
        {graph.sides.length > 1 && (
          <p>
            The answer is for the mesh <strong>{side.name}</strong> the change.
          </p>
        )}
      </header>
      <form class="ask" onSubmit={submit}>
        <Field
          name="from"
          label="From"
          hint="empty: a client outside; or gateway/…"
          form={form}
          list={callers}
        />
        <Field name="to" label="To" hint="a service, a host, host:port" form={form} list={hosts} isNeeded />
        <div class="row">
          <label>
            <span>Method</span>
            <select
              name="method"
              value={form.method}
              onChange={({ currentTarget }) => fill({ method: currentTarget.value })}
            >
              {methods.map(method => (
                <option>{method}</option>
              ))}
            </select>
          </label>
          <Field name="path" label="Path" form={form} />
        </div>
        <label>
          <span>
            Headers <small>one a line, as in x-canary: 1</small>
          </span>
          <textarea
            name="headers"
            rows={2}
            spellcheck={false}
            value={form.headers.join('\n')}
            onInput={({ currentTarget: { value } }) =>
              fill({ headers: value === '' ? [] : value.split('\n') })
            }
          />
        </label>
        <label>
          <span>
            Claims of a token <small>JSON; empty: no token</small>
          </span>
          <textarea
            name="claims"
            rows={2}
            spellcheck={false}
            value={form.claims}
            onInput={({ currentTarget: { value } }) => fill({ claims: value })}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            name="plaintext"
            checked={form.plaintext}
            onChange={({ currentTarget }) => fill({ plaintext: currentTarget.checked })}
          />
          The caller has no sidecar
        </label>
        <button type="submit" class="primary">
          Ask
        </button>
      </form>
      <div aria-live="polite">
        {waiting.state === 'waiting' && <p class="empty">The engine follows the request…</p>}
        {waiting.state === 'failed' && <p class="empty">The engine failed: {waiting.message}</p>}
        {answer !== undefined && <Answer answer={answer} />}
      </div>
    </article>
  )
}

function Field({
  name,
  label,
  hint,
  form,
  list,
  isNeeded = false,
}: {
  readonly name: 'from' | 'to' | 'path'
  readonly label: string
  readonly hint?: string
  readonly form: FormRequest
  readonly list?: readonly string[]
  readonly isNeeded?: boolean
}) {
  const { change } = usePage()
  return (
    <label>
      <span>
        {label} {hint !== undefined && <small>{hint}</small>}
      </span>
      <input
        name={name}
        value={form[name]}
        list={list === undefined ? undefined : `list-${name}`}
        required={isNeeded}
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget: { value } }) => change(state => fillForm(state, { [name]: value }))}
      />
      {list !== undefined && (
        <datalist id={`list-${name}`}>
          {list.slice(0, 1_000).map(word => (
            <option value={word} />
          ))}
        </datalist>
      )}
    </label>
  )
}

function Answer({ answer }: { readonly answer: FormAnswer }) {
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
