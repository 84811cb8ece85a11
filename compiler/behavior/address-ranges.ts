import ipaddr from 'ipaddr.js'

/** Whether an address lies in a range: CIDR, or one address. */
export function isInRange(address: string, range: string): boolean {
  if (!isAddress(address) || !isRange(range)) return false
  const parsed = ipaddr.process(address)
  const [base, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.parse(range), undefined]
  return parsed.kind() === base.kind() && parsed.match(base, bits ?? (base.kind() === 'ipv4' ? 32 : 128))
}

/** Whether a text is an address as Go reads it: four decimal numbers, or IPv6. */
export const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text))

/** Whether a text is an address, or one with the bits of a CIDR. See ValidateIPs in pkg/config/security/security.go of istio/istio. */
export function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  if (rest.length > 0 || !isAddress(address)) return false
  if (bits === undefined) return true
  const most = address.includes(':') ? 128 : 32
  return !address.includes('%') && /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= most
}
