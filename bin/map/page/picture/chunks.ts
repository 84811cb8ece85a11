import type { Box } from './lay-out.ts'
import type { Picture } from './picture.ts'

/** Some nodes of a picture, which are drawn in one go. */
export interface Chunk {
  readonly nodes: Picture['nodes']
  /** The box around them. */
  readonly box: Box
}

/** So many nodes can be drawn between two frames. */
const sizeOfChunk = 50

/** Cuts the nodes of a picture, which come room by room, into chunks. */
export const cutChunks = ({ nodes }: Picture): readonly Chunk[] =>
  Array.from({ length: Math.ceil(nodes.length / sizeOfChunk) }, (_, chunk) => {
    const slice = nodes.slice(chunk * sizeOfChunk, (chunk + 1) * sizeOfChunk)
    return { nodes: slice, box: surround(slice.map(({ box }) => box)) }
  })

function surround(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map(box => box.x))
  const y = Math.min(...boxes.map(box => box.y))
  const right = Math.max(...boxes.map(box => box.x + box.width))
  const bottom = Math.max(...boxes.map(box => box.y + box.height))
  return { x, y, width: right - x, height: bottom - y }
}
