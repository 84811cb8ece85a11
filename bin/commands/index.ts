import type { Command } from '../command.ts'
import { build } from './build.ts'
import { explain } from './explain.ts'
import { init } from './init.ts'
import { schema } from './schema.ts'
import { validate } from './validate.ts'

/** Every command, as `meshc --help` lists them. */
export const commands: readonly Command[] = [init, build, validate, explain, schema]
