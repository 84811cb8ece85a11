import type { Command } from '../cli/command.ts'
import { build } from './build.ts'
import { can } from './can.ts'
import { completion } from './completion.ts'
import { diff } from './diff.ts'
import { doctor } from './doctor.ts'
import { explain } from './explain.ts'
import { impact } from './impact.ts'
import { importCommand } from './import.ts'
import { init } from './init.ts'
import { lint } from './lint.ts'
import { locate } from './locate.ts'
import { lsp } from './lsp.ts'
import { map } from './map.ts'
import { schema } from './schema.ts'
import { serve } from './serve.ts'
import { trace } from './trace.ts'
import { validate } from './validate.ts'
import { why } from './why.ts'

/** Every command, as `meshc --help` lists them. */
export const commands: readonly Command[] = [
  init,
  importCommand,
  build,
  validate,
  diff,
  explain,
  why,
  impact,
  locate,
  trace,
  can,
  lint,
  map,
  serve,
  schema,
  lsp,
  doctor,
  completion,
]
