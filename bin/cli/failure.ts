/**
 * The failure that keeps a command from doing its work at all: how it was called, or the disk. Ends it with
 * exit code 2. A fault in a spec is a Diagnostic instead.
 */
export class Failure extends Error {
  /** The advice. */
  readonly help: string | undefined
  /** The paths of the failure, if there are several. */
  readonly paths: readonly string[]

  constructor(message: string, help?: string, paths: readonly string[] = []) {
    super(message)
    this.name = 'Failure'
    this.help = help
    this.paths = paths
  }
}
