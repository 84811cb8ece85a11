import { escapeMarkup } from '../../bin/build/derive/terminal-picture.ts'

/** The parts of a CPU profile of V8 (`node --cpu-prof`) that a flame graph needs. Times are in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  /** The number of the node of each sample. */
  readonly samples: readonly number[]
  /** The time between each sample and the one before. */
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
  }
  readonly children?: readonly number[]
}

/** A frame of a flame graph: all samples in a function that was called in the same way. */
interface Frame {
  readonly label: string
  readonly room: string
  /** The time in the function and in its calls, in microseconds. */
  total: number
  readonly children: Map<string, Frame>
}

/**
 * A function that finds the room of a function by the address of its file and its name; undefined: it is not
 * drawn.
 */
type RoomFinder = (url: string, functionName: string) => string | undefined

/**
 * Draws a flame graph as SVG: a row for each call, the callers above. The width of a box is its share of the time, and its
 * colour is its room. A hint of a box has its time in milliseconds, and its share.
 *
 * @param profile the CPU profile of one process
 * @param getRoom finds the room of each function; the time of an undrawn function counts for its caller
 * @param colors the color of each room
 * @param title the first line of the picture
 */
export function drawFlameGraph(
  profile: CpuProfile,
  getRoom: RoomFinder,
  colors: Readonly<Record<string, string>>,
  title: string,
): string {
  const root = mergeFrames(profile, getRoom)
  const boxes = [...listBoxes(root, 0, 0, root.total)]
  const rows = Math.max(...boxes.map(({ row }) => row)) + 1
  const height = top + rows * rowHeight + margin
  const scale = (width - 2 * margin) / root.total
  const shapes = boxes.flatMap(({ frame, start, row }) => {
    const x = margin + start * scale
    const size = frame.total * scale
    const y = top + row * rowHeight
    const share = ((100 * frame.total) / root.total).toFixed(1)
    const hint = `${frame.label}: ${(frame.total / 1000).toFixed(1)} ms, ${share} %`
    const text = fitLabel(frame.label, size)
    return [
      `<g><title>${escapeMarkup(hint)}</title>`,
      `<rect x="${x.toFixed(1)}" y="${y}" width="${size.toFixed(1)}" height="${rowHeight - 1}" fill="${colors[frame.room] ?? '#ddd'}"/>`,
      ...(text === '' ? [] : [`<text x="${(x + 3).toFixed(1)}" y="${y + 12}">${escapeMarkup(text)}</text>`]),
      '</g>',
    ]
  })
  const legend = Object.entries(colors).flatMap(([room, color], index) => [
    `<rect x="${margin + index * legendWidth}" y="30" width="10" height="10" fill="${color}"/>`,
    `<text x="${margin + 14 + index * legendWidth}" y="39">${escapeMarkup(room)}</text>`,
  ])
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="10">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin}" y="18" font-size="13">${escapeMarkup(title)}</text>`,
    ...legend,
    ...shapes,
    '</svg>\n',
  ].join('\n')
}

const width = 1200
const margin = 8
const top = 52
const rowHeight = 16
const legendWidth = 105
/** The width of a letter. */
const letterWidth = 5.6
/** A box of less than this share of the time is not drawn. */
const smallestShare = 0.002

/** Sums the time of each room, in microseconds, in which the time of a function excludes its calls. */
export function sumRooms(profile: CpuProfile, getRoom: RoomFinder): ReadonlyMap<string, number> {
  const sums = new Map<string, number>()
  for (const { stack, time } of listStacks(profile, getRoom)) {
    const { room } = stack.at(-1)!
    sums.set(room, (sums.get(room) ?? 0) + time)
  }
  return sums
}

/** Merges the samples of a profile into frames. */
function mergeFrames(profile: CpuProfile, getRoom: RoomFinder): Frame {
  const root: Frame = { label: 'all', room: '', total: 0, children: new Map() }
  for (const { stack, time } of listStacks(profile, getRoom)) {
    const visited = new Set([root])
    let frame = root
    for (const { label, room } of stack) {
      frame = getChild(frame, label, room)
      visited.add(frame)
    }
    for (const each of visited) each.total += time
  }
  return root
}

/**
 * The drawn functions of some samples, from the outermost caller, and the time of the samples in
 * microseconds.
 */
interface Stack {
  readonly stack: readonly { readonly label: string; readonly room: string }[]
  readonly time: number
}

/** Lists the calls of a profile, each once, without the time in which no drawn function runs. */
function* listStacks({ nodes, samples, timeDeltas }: CpuProfile, getRoom: RoomFinder): Iterable<Stack> {
  const nodeById = new Map(nodes.map(node => [node.id, node]))
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id] as const)),
  )
  const times = new Map<number, number>()
  for (const [index, id] of samples.entries()) times.set(id, (times.get(id) ?? 0) + timeDeltas[index]!)
  for (const [id, time] of times) {
    const stack: { label: string; room: string }[] = []
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { url, functionName } = nodeById.get(at)!.callFrame
      const room = getRoom(url, functionName)
      if (room !== undefined) stack.unshift({ label: functionName || '(anonymous)', room })
    }
    if (stack.length > 0) yield { stack, time }
  }
}

/** Returns the frame below another frame. A function that calls itself stays one frame. */
function getChild(frame: Frame, label: string, room: string): Frame {
  if (frame.label === label && frame.room === room) return frame
  const key = `${room} ${label}`
  const child = frame.children.get(key) ?? { label, room, total: 0, children: new Map() }
  frame.children.set(key, child)
  return child
}

/** A frame with its place: `start` is the time before the frame, in microseconds. */
interface Box {
  readonly frame: Frame
  readonly start: number
  readonly row: number
}

/** Lists the frames below another that are wide enough, the widest first. */
function* listBoxes({ children }: Frame, start: number, row: number, total: number): Iterable<Box> {
  let at = start
  for (const frame of [...children.values()].toSorted((a, b) => b.total - a.total)) {
    if (frame.total / total < smallestShare) continue
    yield { frame, start: at, row }
    yield* listBoxes(frame, at, row + 1, total)
    at += frame.total
  }
}

/** Cuts a label to the width of its box; empty where no word fits. */
function fitLabel(label: string, size: number): string {
  const letters = Math.floor((size - 6) / letterWidth)
  if (letters >= label.length) return label
  return letters < 4 ? '' : `${label.slice(0, letters - 1)}…`
}
