import { parseProtocol } from '../../protocol.ts'
import { isDuration } from '../fields.ts'
import { mapAt, numberAt, readDuration, readText, readTexts } from '../values.ts'
import {
  checkEntriesAt,
  checkMapAt,
  checkOneOf,
  type Fault,
  isEmptyAt,
  isPresent,
  makeFault,
  makeFaultIf,
  type Problem,
} from './faults.ts'
import { isDnsLabel } from './names.ts'

/** Rules for fields that several kinds have. See pkg/config/validation/validation.go of istio/istio. */

/** See validateExportTo. `isEntry`: a ServiceEntry may be visible to no namespace. */
export function checkExportTo(spec: unknown, namespace: string, isEntry: boolean): Fault {
  const seen = new Set<string>()
  const names = readTexts(spec, 'exportTo')
  for (const [index, name] of names.entries()) {
    const full = name === '.' ? namespace : name
    if (seen.has(full)) return makeFault(`a second \`${name}\``, 'exportTo', index)
    const isName = name === '*' || (name === '~' && isEntry) || isDnsLabel(full)
    if (!isName) return makeFault(`neither \`.\`, \`*\` nor a namespace: \`${name}\``, 'exportTo', index)
    seen.add(full)
  }
  if (seen.size < 2) return undefined
  const alone = ['*', '~'].find(name => seen.has(name))
  return alone === undefined ? undefined : makeFault(`\`${alone}\` beside other names`, 'exportTo')
}

/** See validateWorkloadSelector and ValidateAlphaWorkloadSelector: `matchLabels` or `labels`. */
export const checkSelector = (spec: unknown, key: string, labels: 'matchLabels' | 'labels'): Fault =>
  checkMapAt(spec, key, selector =>
    checkEntriesAt(
      selector,
      labels,
      (name, value) =>
        makeFaultIf(name === '', 'an empty key') ??
        makeFaultIf(name.includes('*') || String(value).includes('*'), 'a label with a `*`') ??
        makeFaultIf(String(value).length > 63, 'a value of more than 63 characters'),
    ),
  )

/** See validatePolicyTargetReference. */
export function checkTarget(target: unknown): Fault {
  const kind = readText(target, 'kind') ?? ''
  const group = readText(target, 'group') ?? ''
  return (
    makeFaultIf(isEmptyAt(target, 'name'), 'an empty name', 'name') ??
    makeFaultIf(!isEmptyAt(target, 'namespace'), 'the namespace is always that of the policy', 'namespace') ??
    makeFaultIf(
      !targetKinds.has(`${group === 'core' ? '' : group}/${kind}`),
      `no target of a policy: \`${group}/${kind}\``,
      'kind',
    )
  )
}

const targetKinds: ReadonlySet<string> = new Set([
  '/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
])

/** See ValidateDuration in agent/validation.go. */
export function checkDuration(value: unknown, key: string): Fault {
  if (!isPresent(value, key)) return undefined
  const milliseconds = readDuration(value, key) ?? 0
  return (
    makeFaultIf(!isDuration(readText(value, key)), 'this is not a duration', key) ??
    makeFaultIf(milliseconds < 1, 'a duration of less than 1 ms', key) ??
    makeFaultIf(!Number.isInteger(milliseconds), 'a duration with a fraction of a millisecond', key)
  )
}

/** See ValidatePort in agent/validation.go. */
export const checkPort = (port: number | undefined): Problem =>
  Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535
    ? undefined
    : `no port: \`${port ?? 'none'}\``

/** See ValidateProtocol: an empty one is found by the first bytes. */
export const checkProtocol = (protocol: string): Problem =>
  protocol === '' || parseProtocol(protocol) !== 'Unsupported' ? undefined : `no protocol: \`${protocol}\``

/** See ValidatePortName. */
export const checkPortName = (name: string): Problem =>
  isDnsLabel(name) ? undefined : `no name of a port: \`${name}\``

/** See ValidateUnixAddress. */
export const checkSocket = (path: string): Problem =>
  path.startsWith('@') || (path.startsWith('/') && !path.endsWith('/'))
    ? undefined
    : `no path of a socket: \`${path}\``

export const unixPrefix = 'unix://'

/** See validateConnectionPool. */
export const checkConnectionPool = (value: unknown, key: string): Fault =>
  checkMapAt(
    value,
    key,
    pool =>
      makeFaultIf(
        mapAt(pool, 'http') === undefined && mapAt(pool, 'tcp') === undefined,
        'neither `http` nor `tcp`',
      ) ??
      checkMapAt(
        pool,
        'http',
        http =>
          findLimitsFault(http, httpLimits) ??
          checkDuration(http, 'idleTimeout') ??
          makeFaultIf(
            !upgrades.has(readText(http, 'h2UpgradePolicy')),
            'no word of this field',
            'h2UpgradePolicy',
          ) ??
          makeFaultIf(
            readText(http, 'h2UpgradePolicy') === 'UPGRADE' && http['useClientProtocol'] === true,
            '`useClientProtocol` with an upgrade to HTTP/2',
          ) ??
          checkMapAt(
            http,
            'http2KeepAlive',
            alive =>
              makeFaultIf(
                !isPresent(alive, 'interval') || !isPresent(alive, 'timeout'),
                'no interval or timeout',
              ) ??
              checkDuration(alive, 'interval') ??
              checkDuration(alive, 'timeout'),
          ),
      ) ??
      checkMapAt(
        pool,
        'tcp',
        tcp =>
          findLimitsFault(tcp, ['maxConnections']) ??
          checkDuration(tcp, 'connectTimeout') ??
          checkDuration(tcp, 'maxConnectionDuration') ??
          (isOff(readText(tcp, 'idleTimeout')) ? undefined : checkDuration(tcp, 'idleTimeout')) ??
          checkMapAt(
            tcp,
            'tcpKeepalive',
            alive => checkDuration(alive, 'time') ?? checkDuration(alive, 'interval'),
          ),
      ),
  )

const upgrades: ReadonlySet<string | undefined> = new Set([undefined, 'DEFAULT', 'DO_NOT_UPGRADE', 'UPGRADE'])

/** A duration of no time. */
const isOff = (text = ''): boolean => /^(?:0(?:\.0*)?(?:h|ms|us|µs|ns|m|s)?)+$/.test(text)

const httpLimits = [
  'http1MaxPendingRequests',
  'http2MaxRequests',
  'maxRequestsPerConnection',
  'maxRetries',
  'maxConcurrentStreams',
]

function findLimitsFault(value: unknown, keys: readonly string[]): Fault {
  const wrong = keys.find(key => {
    const number = numberAt(value, key) ?? 0
    return !Number.isInteger(number) || number < 0 || number > 2_147_483_647
  })
  return wrong === undefined ? undefined : makeFault('this is not a whole number from 0 to 2147483647', wrong)
}

/** The fields for a certificate; a server or client sets one of them. */
export const checkCredentials = (tls: Readonly<Record<string, unknown>>): Fault =>
  checkOneOf(tls, 'credentialName', 'credentialNames') ??
  checkOneOf(tls, 'credentialNames', 'tlsCertificates')
