import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { ManifestObject } from '../../compiler/behavior/manifest-object.ts'
import { isMap } from '../../compiler/source/document.ts'
import { readManifestDocuments } from '../../compiler/source/manifest-documents.ts'
import { attempt, Failure } from '../cli/failure.ts'
import { mustRead } from '../files/read-file.ts'

/**
 * The objects of all YAML below a folder, or in a file, as `--manifests` names it. The files of a Helm chart
 * are not among them: they are no YAML before Helm has filled them.
 */
export function readManifestFolder(folder: string): readonly ManifestObject[] {
  const files = attempt(`\`${folder}\` cannot be read`, () => yamlFiles(folder))
  if (files.length === 0)
    throw new Failure(`\`${folder}\` has no YAML`, '`--manifests` names a folder of manifests')
  return files.flatMap(file => {
    const read = readManifestDocuments(file, mustRead(file, file).toString('utf8'))
    if ('fault' in read) {
      const { line, column, reason } = read.fault
      throw new Failure(`${file}:${line}:${column}: ${reason}`)
    }
    return read.documents.filter(({ value }) => isMap(value) && typeof value['kind'] === 'string')
  })
}

function yamlFiles(folder: string): readonly string[] {
  if (statSync(folder).isFile()) return [folder]
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map(entry => join(folder, relative(folder, join(entry.parentPath, entry.name))).replaceAll('\\', '/'))
    .toSorted()
  const charts = files
    .filter(file => file.endsWith('/Chart.yaml'))
    .map(file => file.slice(0, -'Chart.yaml'.length))
  return files.filter(file => !charts.some(chart => file.startsWith(chart)))
}
