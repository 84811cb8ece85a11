import { isAddress } from '../../address-ranges.ts'
import { checkEntriesAt, type Fault, makeFault, type Problem } from './faults.ts'

/** Names as Istio takes them. See pkg/config/labels/instance.go and pkg/config/validation/agent/validation.go of istio/istio. */

/** See IsDNS1123Label: upper case is taken. */
export const isDnsLabel = (text: string): boolean => text.length <= 63 && dnsLabel.test(text)

/** See ValidateFQDN. */
export const isFullDomain = (text: string): boolean => hasLength(text) && hasDnsLabels(text)

/** A domain whose first label may be a wildcard. See ValidateWildcardDomain. */
export function isDomain(text: string): boolean {
  if (!hasLength(text)) return false
  const dot = text.indexOf('.')
  const first = dot < 0 ? text : text.slice(0, dot)
  return first.length <= 63 && wildcardLabel.test(first) && (dot < 0 || hasDnsLabels(text.slice(dot + 1)))
}

export const checkDomain = (text: string): Problem => (isDomain(text) ? undefined : `no domain: \`${text}\``)

/**
 * The domain of a rule for gateways, which may be the name of an endpoint in the SNI of other clusters. See
 * ValidateWildcardDomainForVirtualServiceBoundToGateway.
 */
export const isGatewayDomain = (text: string, isSni: boolean): boolean =>
  isSni && text.startsWith('outbound_') && text.length <= 255 ? endpointName.test(text) : isDomain(text)

/** An address that netip.ParseAddr of Go takes. */
export const checkAddress = (text: string): Problem =>
  isAddress(text) ? undefined : `no address: \`${text}\``

/** See ValidatePartialWildCard. */
export const hasPartialWildcard = (host: string): boolean =>
  host.includes('*') && host.length > 1 && !host.startsWith('*.')

/** Labels of pods. See Validate in pkg/config/labels/instance.go. */
export const checkLabels = (value: unknown, key: string): Fault =>
  checkEntriesAt(value, key, (name, text) => {
    const [, prefix = '', rest = ''] = labelKey.exec(name) ?? []
    if (rest === '' || rest.length > 63 || prefix.length > 254)
      return makeFault(`no key of a label: \`${name}\``)
    return labelValue.test(String(text)) ? undefined : makeFault(`no value of a label: \`${text}\``)
  })

const hasLength = (text: string) => text.length > 0 && text.length <= 255

/** See ValidateDNS1123Labels: the last label may be empty, and is no number. */
function hasDnsLabels(text: string): boolean {
  const labels = text.split('.')
  const last = labels.at(-1)!
  if (/^\d{1,18}$/.test(last)) return false
  return (last === '' ? labels.slice(0, -1) : labels).every(isDnsLabel)
}

const dnsLabel = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/
const wildcardLabel = /^(?:\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/
/** `outbound_.80_.v1_.cart.shop.svc.cluster.local` */
const endpointName = /^outbound_[^_]*\d[^_]*_[^_]*_[^_]*[a-zA-Z]/
const labelKey =
  /^([a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*\/)?((?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/
const labelValue = /^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/
