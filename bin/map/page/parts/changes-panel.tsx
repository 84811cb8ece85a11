import type { PageDifference, PageEdit } from '../../../../compiler/map/page-data.ts'
import { countWord } from '../graph/words.ts'
import { clearSelection, selectPart } from '../state/page-state.ts'
import { usePage } from './context.ts'
import { markSigns } from './map-links.tsx'
import { Places } from './places.tsx'
import { Section } from './values.tsx'

const headings = {
  opened: 'Opened',
  closed: 'Closed',
  changed: 'Changed',
  unknown: 'Perhaps changed',
} as const

/** The differences that the change makes, as the review lists them. */
export function ChangesPanel() {
  const { environment, graph } = usePage()
  const { differences } = graph
  const notices = environment.change?.notices ?? []
  const kinds = (['opened', 'closed', 'changed', 'unknown'] as const).filter(kind =>
    differences.some(difference => difference.kind === kind),
  )
  return (
    <article>
      <header class="headline">
        <p class="kind">change</p>
        <h2>
          {differences.length === 0
            ? 'No request is treated differently'
            : countWord(differences.length, 'difference')}
        </h2>
      </header>
      <Section title="Changes that no request shows" count={notices.length}>
        <ul class="sentences">
          {notices.map(notice => (
            <li>{notice}</li>
          ))}
        </ul>
      </Section>
      {kinds.map(kind => (
        <section class="part">
          <h3>{headings[kind]}</h3>
          <ul class="differences">
            {differences.map((difference, number) =>
              difference.kind === kind ? <Difference difference={difference} number={number} /> : null,
            )}
          </ul>
        </section>
      ))}
    </article>
  )
}

function Difference({
  difference,
  number,
}: {
  readonly difference: PageDifference
  readonly number: number
}) {
  const { state, change } = usePage()
  const { kind, title, says, details, witness, edits } = difference
  const isSelected = state.selection?.kind === 'difference' && state.selection.number === number
  const turn = () =>
    change(state =>
      isSelected
        ? { ...clearSelection(state), panel: 'changes' }
        : selectPart(state, { kind: 'difference', number }),
    )
  return (
    <li class={`difference ${kind}${isSelected ? ' selected' : ''}`}>
      <button type="button" aria-pressed={isSelected} onClick={turn}>
        <span class="mark" aria-hidden="true">
          {markSigns[kind]}
        </span>
        <span>
          <bdi>{title}</bdi>
          <span class="said">{says}</span>
        </span>
      </button>
      {details.length > 0 && (
        <ul class="plain-list">
          {details.map(detail => (
            <li>{detail}</li>
          ))}
        </ul>
      )}
      {witness !== undefined && (
        <p>
          <span class="quiet">for example</span> <code>{witness.request}</code>
          <br />
          <span class="quiet">before</span> {witness.before} <span class="quiet">after</span> {witness.after}
        </p>
      )}
      {edits.length > 0 && (
        <ul class="edits">
          {edits.map(edit => (
            <Edit edit={edit} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** An edit behind a difference, with its line. */
function Edit({ edit }: { readonly edit: PageEdit }) {
  const { words, file, line, side } = edit
  return (
    <li>
      <span class="quiet">edit:</span> {words}
      {side === 'before' && <span class="quiet"> (line before the change)</span>}
      <Places places={[{ file, line }]} />
    </li>
  )
}
