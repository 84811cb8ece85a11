import { Context, type Emitter, type Liquid } from 'liquidjs'

/** The most characters of a template. */
export const longestTemplate = 65_536
/** The most characters of a document. */
const longestDocument = 4_194_304
/** The most tags inside of each other. */
export const deepestTags = 64
/** The most units of work of a document: the characters and entries that are read, and some for each tag. */
const mostWork = 8_388_608
const workOfTag = 8

/** Thrown if a template passes a limit. */
export class LimitError extends Error {}

/** The work of a template: counted, and not measured in time, so that each machine ends it at the same place. */
class Work {
  #left = mostWork

  use(count: number): void {
    // A range may run backwards, or have no number at an end.
    if (count > 0) this.#left -= count
    if (this.#left < 0) throw new LimitError('the template takes too much work')
  }

  /** Is called for each part of a template. */
  check(): void {
    this.use(workOfTag)
  }
}

/** The values that a template reads: each text and list counts as much work as it is long. */
export class CountingContext extends Context {
  readonly #work: Work

  constructor(values: object, liquid: Liquid) {
    const work = new Work()
    // The limiter of liquidjs has private fields, and these two methods.
    const limiter = work as unknown as Context['memoryLimit']
    super(values, liquid.options, { sync: true }, { memoryLimit: limiter, renderLimit: limiter, liquid })
    this.#work = work
  }

  override *_get(path: Parameters<Context['_get']>[0]): IterableIterator<unknown> {
    const value: unknown = yield super._get(path)
    if (typeof value === 'string' || Array.isArray(value)) this.#work.use(value.length)
    return value
  }
}

/** Takes the text of a document. */
export class BoundedEmitter implements Emitter {
  buffer = ''

  write(text: unknown): void {
    this.buffer += text
    if (this.buffer.length > longestDocument)
      throw new LimitError(`the document is larger than ${longestDocument / 1_048_576} MiB`)
  }
}
