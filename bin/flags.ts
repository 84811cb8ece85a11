import nodeModule from 'node:module'

/** A flag of V8. */
interface Flag {
  readonly forShortRuns: string
  /** The default of Node 20. */
  readonly usual: string
}

/**
 * The flags of V8 that meshc changes. A build is short. Code must run eight times as long as usual before V8 optimizes it, and then
 * without inlining the functions that it calls. Otherwise V8 optimizes the reading of a thousand services when all are read, and the
 * next step waits for it. Incremental marking of garbage is not worth its cost in the first tenths of a second. These are flags of
 * Node 20: later versions, which cache compiled code themselves, warn about some.
 */
const flags: readonly Flag[] =
  'enableCompileCache' in nodeModule
    ? []
    : [
        { forShortRuns: '--interrupt-budget=500000', usual: '--interrupt-budget=67584' },
        { forShortRuns: '--max-inlined-bytecode-size=60', usual: '--max-inlined-bytecode-size=460' },
        {
          forShortRuns: '--max-inlined-bytecode-size-cumulative=120',
          usual: '--max-inlined-bytecode-size-cumulative=920',
        },
        {
          forShortRuns: '--baseline-batch-compilation-threshold=512',
          usual: '--baseline-batch-compilation-threshold=4096',
        },
        { forShortRuns: '--no-incremental-marking', usual: '--incremental-marking' },
      ]

/** The flags for a command that ends soon. */
export const shortRunFlags: readonly string[] = flags.map(flag => flag.forShortRuns)

/** The flags for a command that repeats its work until a user ends it: there, optimized code pays. */
export const longRunFlags = flags.map(({ usual }) => usual).join(' ')
