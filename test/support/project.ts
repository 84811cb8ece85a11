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

/** Texts by their path. */
export type Files = Readonly<Record<string, string | Uint8Array>>

/** A new folder with these files in it. */
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

/** Everything below a folder but folders, by its path: its text, or where a link leads. */
export function getContent(folder: string): Record<string, string> {
  const content: Record<string, string> = {}
  for (const path of pathsIn(folder)) {
    const stat = lstatSync(join(folder, path))
    if (stat.isSymbolicLink()) content[path] = `-> ${readlinkSync(join(folder, path))}`
    else if (stat.isFile()) content[path] = readFileSync(join(folder, path), 'utf8')
  }
  return content
}

/** The inode and the time of the last write of each file: both stay the same for an untouched file. */
export function getIdentities(folder: string): Record<string, string> {
  const identities: Record<string, string> = {}
  for (const path of pathsIn(folder)) {
    const stat = lstatSync(join(folder, path), { bigint: true })
    if (!stat.isDirectory()) identities[path] = `${stat.ino} ${stat.mtimeNs}`
  }
  return identities
}

/** The paths below a folder, folders among them, sorted. */
export const pathsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

/** Gives a folder and all in it to a user. */
export function giveTo(user: number, folder: string): void {
  for (const path of ['', ...pathsIn(folder)]) chownSync(join(folder, path), user, user)
}

/** A mesh of so many services, of which each lets the one before call it. Beside the manifests, nothing is built of it. */
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
