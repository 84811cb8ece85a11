import type { ImpactAnswer, SpecPlace, WhyAnswer, WhyReason } from '../share/messages.ts'
import { Words } from './problem-list.tsx'

/** Something that the light says in words. */
export type Light =
  | { readonly kind: 'impact'; readonly file: string; readonly line: number; readonly answer: ImpactAnswer }
  | {
      readonly kind: 'why'
      readonly path: string
      readonly line: number
      readonly answer: WhyAnswer | undefined
    }

/** The words beside the light: what a line of the spec makes, or what is behind a line of a manifest. */
export function Reasons({
  light,
  onPlace,
}: {
  readonly light: Light | undefined
  readonly onPlace: (place: SpecPlace) => void
}) {
  if (light === undefined)
    return (
      <p class="calm">
        Put the cursor on a line of the spec to light up what it makes, or on a line of a manifest to light up
        what is behind it.
      </p>
    )
  if (light.kind === 'impact') return <Impact light={light} onPlace={onPlace} />
  const { answer, path, line } = light
  if (answer === undefined)
    return (
      <p class="calm">
        Line {line} of {path} sets no value.
      </p>
    )
  return (
    <div class="why">
      <p class="subject">
        {answer.object !== undefined && (
          <code>{`${answer.object}${answer.pointer === '' ? '' : `#${answer.pointer}`}`}</code>
        )}
        {answer.value !== '' && (
          <>
            {' '}
            is <code>{answer.value}</code>
          </>
        )}
        {answer.object === undefined && 'This line names:'}
      </p>
      <ul>
        {answer.reasons.map(reason => (
          <Reason key={JSON.stringify(reason)} reason={reason} onPlace={onPlace} />
        ))}
      </ul>
      {answer.shared.length > 0 && (
        <>
          <h3>Why the object is there</h3>
          <ul>
            {answer.shared.map(reason => (
              <Reason key={JSON.stringify(reason)} reason={reason} onPlace={onPlace} />
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function Impact({
  light: { file, line, answer },
  onPlace,
}: {
  readonly light: Extract<Light, { readonly kind: 'impact' }>
  readonly onPlace: (place: SpecPlace) => void
}) {
  const { values, objects, takenAway, overriddenBy } = answer
  const removed = takenAway !== undefined && takenAway.values > 0 ? takenAway : undefined
  const files = Object.keys(answer.files).length
  return (
    <p class="subject">
      <code>
        {file}:{line}
      </code>{' '}
      {values > 0
        ? `is behind ${count(values, 'value')} of ${count(objects, 'object')} in ${count(files, 'file')}.`
        : overriddenBy === undefined || removed !== undefined
          ? removed === undefined
            ? 'makes no value of a manifest.'
            : ''
          : 'is overridden by '}
      {removed !== undefined && (
        <>
          {' '}
          takes away {count(removed.values, 'value')} of{' '}
          {removed.objects.slice(0, 6).map((object, index) => (
            <>
              {index > 0 && ', '}
              <code key={object}>{object}</code>
            </>
          ))}
          {removed.objects.length > 6 && ` and ${removed.objects.length - 6} more`}
        </>
      )}
      {values === 0 && removed === undefined && overriddenBy !== undefined && (
        <PlaceButton place={overriddenBy} onPlace={onPlace} />
      )}
    </p>
  )
}

const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`

function Reason({
  reason,
  onPlace,
}: {
  readonly reason: WhyReason
  readonly onPlace: (place: SpecPlace) => void
}) {
  if (reason.kind !== 'spec')
    return (
      <li>
        <span class={`kind ${reason.kind}`}>{reason.kind}</span> <code>{reason.name}</code>{' '}
        <Words text={reason.summary} />
        {reason.set !== undefined && (
          <>
            {' '}
            (set <code>{reason.set}</code> to change it)
          </>
        )}
      </li>
    )
  return (
    <li>
      <span class="kind spec">spec</span> <code>{reason.path}</code>
      <ul>
        {reason.places.map(place => (
          <li key={`${place.file} ${place.line}`} class={place.wins ? 'wins' : 'loses'}>
            <PlaceButton place={place} onPlace={onPlace} /> <code>{place.text}</code>
            {!place.wins && ' (overridden)'}
          </li>
        ))}
      </ul>
    </li>
  )
}

function PlaceButton({
  place,
  onPlace,
}: {
  readonly place: SpecPlace
  readonly onPlace: (place: SpecPlace) => void
}) {
  return (
    <button type="button" class="place" onClick={() => onPlace(place)}>
      {place.file}:{place.line}
    </button>
  )
}
