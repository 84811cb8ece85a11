import { isAbsolute, relative, sep } from 'node:path'

/** Tells whether an absolute path is a folder or is inside it. Links are not followed. */
export function isInFolder(path: string, folder: string): boolean {
  const steps = relative(folder, path)
  return steps !== '..' && !steps.startsWith(`..${sep}`) && !isAbsolute(steps)
}
