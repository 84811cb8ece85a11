import type { Command } from '../cli/command.ts'
import { jsonOption, limitOptions, meshOptions, projectOption } from '../cli/shared-options.ts'
import { runTrace } from '../questions/index.ts'

/** Follows one request through the mesh. Ends with 0 if it is served, 1 if it is not, or not everywhere. */
export const trace: Command = {
  name: 'trace',
  argument: '[request]',
  summary: 'Follow a request through the mesh: route, encryption, policies, verdict, each with its line',
  options: [
    {
      flag: '--from <caller>',
      values: 'callers',
      summary:
        'The caller: a workload, a service, gateway/public, anyone (default: a client outside); web@eu1 is that of a cluster',
    },
    {
      flag: '--through <gateway>',
      summary: 'The gateway of a client outside (default: the one that serves the host)',
    },
    {
      flag: '--to <host>',
      values: 'targets',
      summary: 'The destination: my-api, my-api:8080, external/stripe, https://api.example.com/v1',
    },
    { flag: '-H, --header <header>', isRepeatable: true, summary: 'A header, as in `x-canary: 1`' },
    { flag: '--jwt <file>', values: 'files', summary: 'A token with the claims in a JSON file' },
    { flag: '--plaintext', summary: 'The caller has no sidecar' },
    { flag: '--ip <address>', summary: 'The address of the caller' },
    {
      flag: '--certificate <name>',
      summary:
        'The name in the certificate of a client outside, or `none` (default: a name that nothing asks for)',
    },
    {
      flag: '--ext-authz <answer>',
      values: ['allow', 'deny'],
      summary: 'The answer of every authorizer (default: both answers, each with its outcome)',
    },
    ...meshOptions,
    ...limitOptions,
    jsonOption,
    projectOption,
  ],
  example: "meshc trace --env prod --from web --to my-api 'POST /api/orders' -H 'x-canary: 1'",
  exitCodes: {
    0: 'the request is served at every destination, if authorizers allow it',
    1: 'the request is refused at a destination, the answer is unknown, or the spec has errors',
    2: 'a name does not exist, or the call is wrong',
  },
  run: runTrace,
}
