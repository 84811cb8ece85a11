import { isFiltered, noFilters } from '../graph/filters.ts'
import { countWord } from '../graph/words.ts'
import { chooseFolded } from '../picture/choose-folded.ts'
import type { Picture } from '../picture/picture.ts'
import { usePage } from './context.ts'

/** The filters, and how much of the mesh they leave. */
export function FilterBar({ drawing }: { readonly drawing: Picture }) {
  const { graph, state, change, folded } = usePage()
  const { filters } = state
  const filter = (part: Partial<typeof filters>) =>
    change(state => ({ ...state, filters: { ...state.filters, ...part } }))
  const namespaces = graph.rooms.filter(({ kind }) => kind === 'namespace')
  const owners = [...new Set(graph.nodes.flatMap(({ owner }) => owner ?? []))].sort()
  const gateways = graph.nodes.filter(({ kind }) => kind === 'gateway')
  const rooms = graph.rooms.flatMap(({ kind, id }, number) => (kind === 'internet' ? [] : [{ id, number }]))
  const foldAll = (isFolded: boolean) => {
    const first = chooseFolded(graph)
    const turned = rooms.flatMap(({ id, number }) => (first.has(number) !== isFolded ? [id] : []))
    change(state => ({ ...state, turnedRooms: turned }))
  }
  return (
    <section class="filters" aria-label="Filters">
      <details class="choices">
        <summary>
          {filters.namespaces.length === 0
            ? 'All namespaces'
            : filters.namespaces.length === 1
              ? filters.namespaces[0]
              : countWord(filters.namespaces.length, 'namespace')}
        </summary>
        <fieldset>
          <legend class="hidden">Namespaces</legend>
          {namespaces.map(({ name }) => (
            <label>
              <input
                type="checkbox"
                checked={filters.namespaces.includes(name)}
                onChange={({ currentTarget: { checked } }) =>
                  filter({
                    namespaces: checked
                      ? [...filters.namespaces, name].sort()
                      : filters.namespaces.filter(chosen => chosen !== name),
                  })
                }
              />
              <bdi>{name}</bdi>
            </label>
          ))}
        </fieldset>
      </details>
      {owners.length > 0 && (
        <select
          aria-label="Owner"
          value={filters.owner}
          onChange={({ currentTarget }) => filter({ owner: currentTarget.value })}
        >
          <option value="">All owners</option>
          {owners.map(owner => (
            <option value={owner}>{owner}</option>
          ))}
        </select>
      )}
      {gateways.length > 0 && (
        <select
          aria-label="Gateway"
          value={filters.gateway}
          onChange={({ currentTarget }) => filter({ gateway: currentTarget.value })}
        >
          <option value="">All gateways</option>
          {gateways.map(({ id, name, namespace }) => (
            <option value={id}>{`${name}${namespace === undefined ? '' : ` in ${namespace}`}`}</option>
          ))}
        </select>
      )}
      {(['plaintext', 'external', 'open'] as const).map(name => (
        <label class="chip">
          <input
            type="checkbox"
            checked={filters[name]}
            onChange={({ currentTarget: { checked } }) => filter({ [name]: checked })}
          />
          {{ plaintext: 'Plaintext only', external: 'External only', open: 'Open calls' }[name]}
        </label>
      ))}
      {isFiltered(filters) && (
        <label class="chip" title="Lay out what is left, without the gaps of what is hidden">
          <input
            type="checkbox"
            checked={filters.tight}
            onChange={({ currentTarget: { checked } }) => filter({ tight: checked })}
          />
          Close gaps
        </label>
      )}
      {(isFiltered(filters) || filters.open) && (
        <button type="button" class="plain" onClick={() => filter(noFilters)}>
          Reset
        </button>
      )}
      <p class="counts" role="status">
        {sayCounts(drawing)}
      </p>
      <button
        type="button"
        class="plain"
        disabled={folded.size === rooms.length}
        onClick={() => foldAll(true)}
      >
        Fold all
      </button>
      <button type="button" class="plain" disabled={folded.size === 0} onClick={() => foldAll(false)}>
        Unfold all
      </button>
    </section>
  )
}

function sayCounts({ rooms, links, hasOpen, left }: Picture): string {
  const nodes = rooms.reduce((sum, { shown }) => sum + shown.length, 0)
  return [
    `${countWord(nodes, 'node')}, ${countWord(links.length, 'line')}`,
    ...(hasOpen ? [] : ['calls open to anyone are not drawn']),
    ...(left > 0 ? ['more lines are not drawn'] : []),
  ].join('; ')
}
