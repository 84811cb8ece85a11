import type { Box } from './geometry.ts'
import type { Point } from './route-links.ts'

interface Label {
  readonly text: string
  /** The places for the middle of the label in the picture, the best one first. */
  readonly places: readonly Point[]
}

/** The size of a label on the screen, at every zoom. */
export const sizeOfLabel = { height: 20, ofCharacter: 7, around: 12 }

export const measureLabel = (text: string): number =>
  Array.from(text).length * sizeOfLabel.ofCharacter + sizeOfLabel.around

/**
 * Chooses labels that do not overlap on the screen, and a place for each; the first ones are the most important. A label
 * covers a box only where each of its places does.
 */
export function chooseLabels<Item extends Label>(
  labels: readonly Item[],
  boxes: readonly Box[],
  zoom: number,
): readonly (Item & Point)[] {
  const chosen: (Item & Point)[] = []
  for (const label of labels) {
    const width = measureLabel(label.text)
    const free = label.places.filter(place =>
      chosen.every(
        ({ text, x, y }) =>
          Math.abs(y - place.y) * zoom >= sizeOfLabel.height ||
          Math.abs(x - place.x) * zoom >= (measureLabel(text) + width) / 2,
      ),
    )
    const [halfWidth, halfHeight] = [width / 2 / zoom, sizeOfLabel.height / 2 / zoom]
    const covers = ({ x, y }: Point, box: Box) =>
      x + halfWidth > box.x &&
      x - halfWidth < box.x + box.width &&
      y + halfHeight > box.y &&
      y - halfHeight < box.y + box.height
    const place = free.find(place => !boxes.some(box => covers(place, box))) ?? free[0]
    if (place !== undefined) chosen.push({ ...label, x: place.x, y: place.y })
  }
  return chosen
}
