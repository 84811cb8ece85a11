import { basename, dirname, join } from 'node:path'
import type { Source } from '../../compiler/diagnostics/source.ts'
import type { OutputFile } from '../../compiler/emit/print.ts'
import { readIfThere } from '../files/read-file.ts'
import { lstatIfThere } from '../files/stat-if-there.ts'
import { lockFileName } from './lock-file.ts'
import { mustBeFolders } from './tree.ts'

/** The files that a build puts into an output folder. */
export interface Output {
  /** The version of meshc. */
  readonly version: string
  /** Every file that was read. */
  readonly sources: readonly Source[]
  /** The files, made on demand, in each call anew. Without files, the output folder is removed. */
  files(): Iterable<OutputFile>
  /** The files of the folder that another owner writes and that the spec names: paths in it. */
  readonly neighbors: ReadonlySet<string>
}

/** A folder of meshc below out/: its path, and the paths beside it during a build. */
export class OutputFolder {
  /** The folder of the project. */
  readonly project: string
  /** Its path from there, such as `out/prod`. */
  readonly name: string
  readonly path: string
  readonly parent: string

  constructor(project: string, name: string) {
    this.project = project
    this.name = name
    this.path = join(project, name)
    this.parent = dirname(this.path)
  }

  /** The prefix of paths beside it during a build: hidden, and distinct from all other names. */
  get besideName(): string {
    return `.${basename(this.path)}.meshc-`
  }

  beside(name: string): string {
    return join(this.parent, this.besideName + name)
  }

  pathTo(path: string): string {
    return join(this.path, path)
  }

  nameOf(path: string): string {
    return `${this.name}/${path}`
  }

  /** The text of a file in it; undefined if it is not there, cannot be read, or is a link. */
  textOf(path: string): string | undefined {
    mustBeFolders(this.project, dirname(this.nameOf(path)))
    const isFile = lstatIfThere(this.pathTo(path))?.isFile() === true
    return isFile ? readIfThere(this.pathTo(path)) : undefined
  }

  /** Changes whenever another build has replaced the folder. */
  identity(): string {
    const stats = [this.path, this.pathTo(lockFileName)].map(path => lstatIfThere(path))
    return stats.map(stat => (stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeNs}`)).join(', ')
  }
}
