import {
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Texts by path. */
export type Files = Readonly<Record<string, string | Uint8Array>>

/** Makes a new folder with these files. */
export function project(files: Files): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'meshc-test-')))
  write(folder, files)
  return folder
}

/** Writes files below a folder. */
export function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** Returns the files and links below a folder by path: the text of a file, or the target of a link. */
export function getContent(folder: string): Record<string, string> {
  const content: Record<string, string> = {}
  for (const path of pathsIn(folder)) {
    const stat = lstatSync(join(folder, path))
    if (stat.isSymbolicLink()) content[path] = `-> ${readlinkSync(join(folder, path))}`
    else if (stat.isFile()) content[path] = readFileSync(join(folder, path), 'utf8')
  }
  return content
}

/**
 * Returns the inode and the last write time of each file. Both stay the same if no process writes the file.
 */
export function getIdentities(folder: string): Record<string, string> {
  const identities: Record<string, string> = {}
  for (const path of pathsIn(folder)) {
    const stat = lstatSync(join(folder, path), { bigint: true })
    if (!stat.isDirectory()) identities[path] = `${stat.ino} ${stat.mtimeNs}`
  }
  return identities
}

/** Lists the paths of files and folders below a folder, sorted. */
export const pathsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

/** Changes the owner of a folder and of its content. */
export function giveTo(user: number, folder: string): void {
  for (const path of ['', ...pathsIn(folder)]) chownSync(join(folder, path), user, user)
}

/**
 * Returns a mesh with this number of services. Each service allows the service before it. Only manifests are
 * built from it.
 */
export function getMesh(services: number, environment: string, timeout = '5s'): string {
  const entries = Array.from({ length: services }, (_, index) => {
    const caller = index === 0 ? services - 1 : index - 1
    return [
      `  service-${index}:`,
      '    namespace: shop',
      '    port: { http: 8080 }',
      `    allow: [{ from: service-${caller}, methods: [GET] }]`,
    ].join('\n')
  })
  return [
    'meshc: v1',
    'mesh: shop',
    `environment: ${environment}`,
    `defaults: { timeout: ${timeout}, retries: none }`,
    'services:',
    ...entries,
    'delivery: { outputs: [] }',
    'manages: mesh',
    '',
  ].join('\n')
}
