/** A project as an address holds it: the texts of its files by their paths, and the file to show. */
export interface SharedProject {
  readonly files: Readonly<Record<string, string>>
  readonly open: string
  /** The environment to show; undefined: an environment that reads the file to show. */
  readonly environment?: string
}

/** The bytes that a project of an address may have, so that a short address cannot fill the memory. */
const most = 2_000_000

/** Writes a project as text for the hash of an address: JSON, compressed, in base64url. */
export async function encodeProject(project: SharedProject): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([project.files, project.open, project.environment]))
  const packed = await readAll(streamOf(bytes).pipeThrough(new CompressionStream('deflate-raw')), Infinity)
  return btoa(Array.from(packed, byte => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** Decodes the output of `encodeProject`; undefined for any other text. */
export async function decodeProject(text: string): Promise<SharedProject | undefined> {
  if (!/^[\w-]+$/.test(text)) return undefined
  try {
    const packed = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), letter =>
      letter.charCodeAt(0),
    )
    const bytes = await readAll(streamOf(packed).pipeThrough(new DecompressionStream('deflate-raw')), most)
    return readProject(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch {
    return undefined
  }
}

function readProject(value: unknown): SharedProject | undefined {
  if (!Array.isArray(value)) return undefined
  const [files, open, environment]: unknown[] = value
  if (typeof files !== 'object' || files === null || typeof open !== 'string') return undefined
  const entries = Object.entries(files).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && isPath(entry[0]),
  )
  const texts = Object.fromEntries(entries)
  if (!Object.hasOwn(texts, open)) return undefined
  return typeof environment === 'string' ? { files: texts, open, environment } : { files: texts, open }
}

/** Tells whether a text is a path below the root of a project. */
const isPath = (path: string): boolean =>
  /^[^\\\p{Cc}]{1,200}$/u.test(path) &&
  path.split('/').every(step => step !== '' && step !== '.' && step !== '..')

const streamOf = (bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })

async function readAll(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let length = 0
  const reader = stream.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    parts.push(read.value)
    length += read.value.length
    if (length > limit) {
      await reader.cancel()
      throw new Error('the project is too large')
    }
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
