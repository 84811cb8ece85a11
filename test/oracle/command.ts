import { spawn } from 'node:child_process'

/** The result of a program: its exit code (`null` if a signal ended it), and its whole output. */
export interface CommandResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  /** The working directory; the caller's own by default. */
  readonly cwd?: string
  /** The text for standard input, which is empty by default. */
  readonly input?: string
  /** Variables that are added to the caller's own; `undefined` removes a variable. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/** Runs a program to its end. Any exit code is a result. A program that cannot be started is an error. */
export function runCommand(
  program: string,
  commandLine: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, commandLine, {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
    })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error(`${program} is not installed`, { cause: error }) : error),
    )
    child.on('close', status =>
      resolve({
        status,
        stdout: Buffer.concat(output).toString('utf8'),
        stderr: Buffer.concat(errors).toString('utf8'),
      }),
    )
    // A program that does not read its input closes the pipe. The exit code reports whether that is a
    // failure.
    child.stdin.on('error', () => undefined)
    child.stdin.end(options.input ?? '')
  })
}

/** Runs a program that must succeed, and returns its standard output. */
export async function runOrThrow(
  program: string,
  commandLine: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { status, stdout, stderr } = await runCommand(program, commandLine, options)
  if (status === 0) return stdout
  const stated = `${stderr.trim()}\n${stdout.trim()}`.trim().split('\n').slice(-20).join('\n')
  throw new Error(`${program} ${commandLine.slice(0, 3).join(' ')} … ended with ${status}: ${stated}`)
}
