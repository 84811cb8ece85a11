import { suite } from 'uvu'
import type { DiagnosticCode } from '../../compiler/diagnostics/diagnostic.ts'
import { plantedFault, soundSpec } from '../support/planted-fault.ts'

/** The rules for the delivery of built files to the cluster. */
const test = suite('rules of delivery')

const fault = (code: DiagnosticCode, what: string, spec: string, message: string) =>
  test(`${code}: ${what}`, () => plantedFault(code, spec, message))

const sound = (what: string, spec: string) => test(`nothing wrong: ${what}`, () => soundSpec(spec))

fault(
  'MESH3901',
  'Argo CD is to read from nowhere',
  `
delivery: { outputs: [docs, «argocd»] }
`,
  'Argo CD has no repository to read: `delivery.repository` is not set',
)

sound(
  'a spec without Argo CD',
  `
delivery: { sync: automatic }
`,
)

for (const [schedule, wrong] of [
  ['0 9 * * 7', '`7` is not a valid day of the week of cron'],
  ['60 9 * * 1', '`60` is not a valid minute of cron'],
  ['0 17-9 * * 1', '`17-9` is not a valid hour of cron'],
  ['0 9 0 * 1', '`0` is not a valid day of the month of cron'],
  ['0 9 * may-jane 1', '`may-jane` is not a valid month of cron'],
  ['0/0 9 * * 1', '`0/0` is not a valid minute of cron'],
  ['0 9- * * 1', '`9-` is not a valid hour of cron'],
  ['0 9 * * 1,', '`1,` is not a valid day of the week of cron'],
] as const)
  fault(
    'MESH3902',
    `a window opens at ${schedule}`,
    `
delivery: { window: { schedule: «"${schedule}"», duration: 6h } }
`,
    wrong,
  )

fault(
  'MESH3902',
  'a window opens in a place that is not there',
  `
delivery: { window: { schedule: 0 9 * * 1-4, duration: 6h, timeZone: «Europe/Bonn» } }
`,
  'there is no time zone `Europe/Bonn`',
)

sound(
  'all that cron can say',
  `
delivery:
  window:
    schedule: 0,30-45/5 */2 ? jan-MAR,12 Mon-fri
    duration: 90m
    timeZone: America/Argentina/Buenos_Aires
`,
)

for (const [field, url, what] of [
  ['repository', 'https://robot:s3cret@git.example.com/mesh.git', 'repository'],
  ['repository', 'https://glpat-token@git.example.com/mesh.git', 'repository'],
  ['repository', 'ssh://git:s3cret@git.example.com/mesh.git', 'repository'],
  ['cluster', 'https://admin:s3cret@10.0.0.1:6443', 'cluster'],
] as const)
  fault(
    'MESH3903',
    `${url} is committed`,
    `
delivery: { ${field}: «"${url}"» }
`,
    `the URL of the ${what} holds credentials, which would be committed with \`out/\``,
  )

fault(
  'MESH3903',
  'charts come with a password',
  `
istio: { charts: «"oci://robot:s3cret@registry.example.com/charts"» }
`,
  'the URL of the charts holds credentials, which would be committed with `out/`',
)

fault(
  'MESH3903',
  'Argo CD is found with a password',
  `
delivery: { argocd: { url: «"https://me:s3cret@argocd.example.com"» } }
`,
  'the URL of Argo CD holds credentials, which would be committed with `out/`',
)

sound(
  'a user of SSH is no secret',
  `
delivery: { repository: ssh://git@git.example.com:2222/platform/mesh.git }
`,
)

for (const [schedule, days, months] of [
  ['0 0 31 2 *', '31', '2'],
  ['0 0 30-31 feb ?', '30-31', 'feb'],
  ['0 0 31 4,6,9,11 *', '31', '4,6,9,11'],
  ['0 0 31/5 2/9 */1', '31/5', '2/9'],
])
  fault(
    'MESH3902',
    `the window \`${schedule}\` never opens`,
    `
delivery:
  window: { schedule: «'${schedule}'», duration: 6h, timeZone: UTC }
`,
    `the month \`${months}\` has no day \`${days}\`: the window never opens`,
  )

for (const schedule of [
  '0 0 31 2 1',
  '0 0 31 2 */2',
  '0 0 29 2 *',
  '0 0 28-31 2 *',
  '0 0 31 */2 *',
  '0 0 1/30 */3 *',
  '0 0 30 2,3 *',
])
  sound(
    `the window \`${schedule}\` opens`,
    `
delivery:
  window: { schedule: '${schedule}', duration: 6h, timeZone: UTC }
`,
  )

test.run()
