import { useEffect } from 'preact/hooks'
import { findEnd } from '../graph/light.ts'
import type { Picture } from '../picture/picture.ts'
import { usePage } from './context.ts'
import type { CameraControl } from './use-camera.ts'

/** Moves the camera to a selected part. */
export function useReveal(drawing: Picture, camera: CameraControl): void {
  const { graph, state, folded } = usePage()
  useEffect(() => {
    const { selection } = state
    if (selection === undefined || selection.kind === 'difference') return
    const ids = selection.kind === 'node' ? [selection.id] : [selection.from, selection.to]
    const ends = ids.flatMap(id => findEnd(graph, folded, id) ?? [])
    for (const end of ends) {
      const box = drawing.boxes.get(end)
      if (box !== undefined) camera.reveal(box)
    }
  }, [state.selection])
}
