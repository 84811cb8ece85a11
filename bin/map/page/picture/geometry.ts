/** A place in the picture: the upper left corner, and the size, in pixels at zoom 1. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** A directed line between two boxes, by their indexes in a list, with the number of lines that it represents. */
export interface Edge {
  readonly from: number
  readonly to: number
  readonly weight: number
}

/** The upper left corner of a box. */
export interface Corner {
  readonly x: number
  readonly y: number
}

/** Boxes without their sizes, by their positions in a list, and the size of the whole. */
export interface Placed extends Size {
  readonly boxes: ReadonlyMap<number, Corner>
}

export const noBoxes: Placed = { boxes: new Map(), width: 0, height: 0 }

/** The space between boxes of a layer, and between layers. */
export interface Gaps {
  readonly inLayer: number
  readonly ofLayers: number
}

export const gapOfRooms = { inLayer: 32, ofLayers: 96 }
export const gapOfNodes = { inLayer: 18, ofLayers: 64 }
