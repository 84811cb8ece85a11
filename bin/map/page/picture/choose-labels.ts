interface Label {
  readonly text: string
  /** The middle of it in the picture. */
  readonly x: number
  readonly y: number
}

/** The size of a label on the screen, at every zoom. */
export const sizeOfLabel = { height: 20, ofCharacter: 7, around: 12 }

export const measureLabel = (text: string): number =>
  Array.from(text).length * sizeOfLabel.ofCharacter + sizeOfLabel.around

/** Chooses labels that do not overlap on the screen; the first ones are the most important. */
export function chooseLabels<Item extends Label>(labels: readonly Item[], zoom: number): readonly Item[] {
  const chosen: Item[] = []
  for (const label of labels) {
    const isFree = chosen.every(
      ({ text, x, y }) =>
        Math.abs(y - label.y) * zoom >= sizeOfLabel.height ||
        Math.abs(x - label.x) * zoom >= (measureLabel(text) + measureLabel(label.text)) / 2,
    )
    if (isFree) chosen.push(label)
  }
  return chosen
}
