import type { ComponentChildren } from 'preact'
import type { NamedValue } from '../../../../compiler/map/answers.ts'
import { Places } from './places.tsx'

/** A part of a panel with a heading, or nothing if it is empty. */
export function Section({
  title,
  count,
  children,
}: {
  readonly title: string
  readonly count?: number
  readonly children: ComponentChildren
}) {
  if (count === 0) return null
  return (
    <section class="part">
      <h3>
        {title}
        {count !== undefined && <span class="count">{count}</span>}
      </h3>
      {children}
    </section>
  )
}

/** Values with their names and lines. */
export function Values({ values }: { readonly values: readonly NamedValue[] }) {
  if (values.length === 0) return null
  return (
    <dl class="values">
      {values.map(({ name, value, places }) => (
        <div>
          <dt>{name}</dt>
          <dd>
            <span class="value">{value}</span>
            <Places places={places} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
