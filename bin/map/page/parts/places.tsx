import type { Place } from '../../../../compiler/provenance/place-reasons.ts'
import { CopyButton } from './copy-button.tsx'

/** The lines behind a value: of a manifest, of the spec, or the name of a default. */
export function Places({ places }: { readonly places: readonly Place[] }) {
  if (places.length === 0) return null
  const lines = places.map(place => describePlace(place))
  return (
    <div class="places">
      <ul>
        {lines.map(words => (
          <li>
            {words.map((word, index) => (
              <>
                {index > 0 && <span class="from"> ← </span>}
                <code>{word}</code>
              </>
            ))}
          </li>
        ))}
      </ul>
      <CopyButton text={lines.map(words => words.join(' ← ')).join('\n')} />
    </div>
  )
}

function describePlace({ file, line, spec, decision }: Place): readonly string[] {
  return [
    `${file}:${line}`,
    ...(spec === undefined ? [] : [`${spec.file}:${spec.line}`]),
    ...(decision === undefined ? [] : [decision]),
  ]
}
