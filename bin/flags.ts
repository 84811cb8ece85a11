import nodeModule from 'node:module'

/**
 * The flags of V8 that meshc runs under. A build is short. Code must run eight times as long as is usual before it is worth
 * optimizing, and then without the code of all that it calls: else the reading of a thousand services is optimized when all
 * are read, and what comes next waits for it. Garbage of the first tenths of a second is not worth marking piece by piece.
 * These are flags of Node 20: later versions, which keep compiled code themselves, complain of some.
 */
export const flags: readonly string[] =
  'enableCompileCache' in nodeModule
    ? []
    : [
        '--interrupt-budget=500000',
        '--max-inlined-bytecode-size=60',
        '--max-inlined-bytecode-size-cumulative=120',
        '--baseline-batch-compilation-threshold=512',
        '--no-incremental-marking',
      ]
