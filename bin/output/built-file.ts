import { getDigest, lockFileName, parseLockFile } from './lock-file.ts'
import type { OutputFolder } from './output-folder.ts'
import { findTextChanges, type TextChange } from './text-changes.ts'

/** A file of an output folder in comparison with the result of the spec. */
type BuiltFile =
  | { readonly state: 'same' | 'missing' }
  | {
      /** The state of the file: as an earlier build made it, or edited since. */
      readonly state: 'stale' | 'edited'
      readonly text: string
      /** The changes from the result of the spec to the existing file. */
      readonly changes: readonly TextChange[]
    }

/** Compares one file; an unreadable file counts as missing. */
export function readBuiltFile(folder: OutputFolder, path: string, expected: string): BuiltFile {
  const text = folder.textOf(path)
  if (text === undefined) return { state: 'missing' }
  if (text === expected) return { state: 'same' }
  const lock = parseLockFile(folder.textOf(lockFileName) ?? '')
  const isBuilt = lock?.files.get(path) === getDigest(text)
  return { state: isBuilt ? 'stale' : 'edited', text, changes: findTextChanges(expected, text) }
}
