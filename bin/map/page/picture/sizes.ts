import type { GraphNode } from '../graph/graph.ts'
import { describeOpenness } from '../graph/words.ts'
import type { Size } from './geometry.ts'

/** The rows of text in the box of a node. */
export interface NodeText {
  readonly title: string
  /** The versions with their shares, or how many there are. */
  readonly rows: readonly string[]
  /** Words on a node, below its name. */
  readonly badges: readonly Badge[]
}

interface Badge {
  readonly kind: 'open' | 'perhaps-open' | 'no-sidecar' | 'new' | 'removed'
  readonly words: string
  /** The side of a change that it is about. */
  readonly presence: GraphNode['presence']
}

const mostRows = 4
const longestTitle = 28
const longestRow = 34

/** Makes the texts of a node, cut to the size of a box. */
export function makeNodeText(node: GraphNode): NodeText {
  const shown =
    node.versions.length > 1 || node.versions.some(({ shares }) => shares.length > 0) ? node.versions : []
  const rows = shown
    .slice(0, shown.length > mostRows ? mostRows - 1 : mostRows)
    .map(({ workload, shares }) => {
      const name = shortenVersion(workload, node.name)
      return shares.length === 0
        ? cutText(name, longestRow)
        : `${cutText(name, longestRow - 9)}  ${shares.map(share => `${share} %`).join(', ')}`
    })
  const more = shown.length - rows.length
  return {
    title: cutText(node.name, longestTitle),
    rows: [...rows, ...(more > 0 ? [`${more} more`] : [])],
    badges: [
      ...listOpenBadges(node),
      ...(node.versions.some(({ hasSidecar }) => !hasSidecar) ? [makeBadge('no-sidecar', 'no sidecar')] : []),
      ...(node.presence === 'after' ? [makeBadge('new', 'new')] : []),
      ...(node.presence === 'before' ? [makeBadge('removed', 'removed')] : []),
    ],
  }
}

const makeBadge = (kind: Badge['kind'], words: string, presence: GraphNode['presence'] = 'both'): Badge => ({
  kind,
  words,
  presence,
})

/** Lists the openness of a node: one badge, or one for each side of a change if they differ. */
function listOpenBadges({ openness }: GraphNode): readonly Badge[] {
  const sides = (['before', 'after'] as const).filter(side => openness[side] !== undefined)
  const isSame = new Set(Object.values(openness)).size === 1
  return (isSame ? sides.slice(0, 1) : sides).flatMap(side => {
    const rating = openness[side]!
    if (rating === 'none') return []
    const kind = rating === 'open' ? 'open' : 'perhaps-open'
    return [makeBadge(kind, describeOpenness(rating), isSame ? 'both' : side)]
  })
}

export const heights = { title: 40, row: 17, badges: 24, bottom: 6 }

/** Measures the box of a node. */
export function measureNode(text: NodeText): Size {
  const width = Math.max(
    estimateWidth(text.title, 8.8) + 52,
    ...text.rows.map(row => estimateWidth(row, 7.2) + 30),
    text.badges.reduce((sum, badge) => sum + measureBadge(badge.words) + 6, 18),
  )
  const height =
    heights.title +
    text.rows.length * heights.row +
    (text.badges.length > 0 ? heights.badges : 0) +
    (text.rows.length > 0 ? heights.bottom : 0)
  return { width: Math.round(Math.min(Math.max(width, 120), 310)), height }
}

export const measureBadge = (badge: string): number => Math.round(estimateWidth(badge, 6.4) + 14)

export const sizeOfFoldedRoom: Size = { width: 232, height: 76 }

/** Cuts a text that is longer than a number of characters, in its middle. */
export function cutText(text: string, longest: number): string {
  const characters = Array.from(text)
  if (characters.length <= longest) return text
  const half = Math.floor((longest - 1) / 2)
  return `${characters.slice(0, longest - 1 - half).join('')}…${characters.slice(-half).join('')}`
}

/** Removes the namespace of a workload, and the name of its service from the start: `v1` of `shop/cart-v1`. */
function shortenVersion(workload: string, service: string): string {
  const name = workload.slice(workload.indexOf('/') + 1)
  return name.startsWith(`${service}-`) ? name.slice(service.length + 1) : name
}

/** Estimates the width of a text in pixels. Characters beyond ASCII may be as wide as they are high. */
function estimateWidth(text: string, ofCharacter: number): number {
  let width = 0
  for (const character of text) width += character < '\u0080' ? ofCharacter : ofCharacter * 1.9
  return width
}
