import { listTopics, runExplain } from '../answers/index.ts'
import type { Command } from '../cli/command.ts'

/** Shows the page of a diagnostic, or a decision of meshc about an omitted value. */
export const explain: Command = {
  name: 'explain',
  argument: '[topic]',
  argumentValues: [listTopics],
  summary: 'Explain a diagnostic by its code, a field by its path, `defaults`, or one default by its name',
  options: [{ flag: '--json', summary: 'Print one JSON document on stdout' }],
  example: 'meshc explain services.my-api.timeout',
  exitCodes: {
    0: 'the topic is explained',
    2: 'the topic does not exist, or the call is wrong',
  },
  run: runExplain,
}
