import { usePage } from './context.ts'

/** The slider between the mesh before a change and after it. */
export function MomentSlider() {
  const { graph, state, change } = usePage()
  if (graph.sides.length === 1) return null
  const { moment } = state
  const set = (moment: number) => change(state => ({ ...state, moment }))
  return (
    <div class="moment">
      <button type="button" aria-pressed={moment === 0} onClick={() => set(0)}>
        Before
      </button>
      <input
        type="range"
        min="0"
        max="100"
        step="10"
        value={moment}
        aria-label="Moment"
        aria-valuetext={moment < 50 ? `before, ${moment} %` : `after, ${moment} %`}
        onInput={({ currentTarget }) => set(Number(currentTarget.value))}
      />
      <button type="button" aria-pressed={moment === 100} onClick={() => set(100)}>
        After
      </button>
    </div>
  )
}
