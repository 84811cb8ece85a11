import type { Manifest, ManifestFile } from './manifest.ts'
import { makeObjectKey } from './object-key.ts'

/** The files of `manifests/` as far as checks read them. Every manifest is made once for a survey, and most are dropped at once. */
export interface Survey {
  readonly paths: ReadonlySet<string>
  /** The objects by their keys; those that are kept have their manifest. */
  readonly objects: ReadonlyMap<string, Manifest | undefined>
  /** The keys that several objects share. */
  readonly repeated: ReadonlySet<string>
}

/** Surveys files, and keeps the manifests of the objects with some keys. */
export function surveyFiles(files: Iterable<ManifestFile>, isKept: (key: string) => boolean): Survey {
  const paths = new Set<string>()
  const objects = new Map<string, Manifest | undefined>()
  const repeated = new Set<string>()
  for (const { path, manifests } of files) {
    paths.add(path)
    for (const manifest of manifests) {
      const key = makeObjectKey(manifest)
      if (objects.has(key)) repeated.add(key)
      else objects.set(key, isKept(key) ? manifest : undefined)
    }
  }
  return { paths, objects, repeated }
}
