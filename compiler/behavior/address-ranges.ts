import ipaddr from 'ipaddr.js'

/** The range of all addresses of IPv4. */
export const everyAddress = '0.0.0.0/0'

/** Tells whether a range contains an address. A range is a CIDR or one address. */
export function isInRange(address: string, range: string): boolean {
  if (!isAddress(address) || !isRange(range)) return false
  const parsed = ipaddr.process(address)
  const [base, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.parse(range), undefined]
  return parsed.kind() === base.kind() && parsed.match(base, bits ?? (base.kind() === 'ipv4' ? 32 : 128))
}

/**
 * Sample addresses for some ranges: the first address of each range, and the address after its last. Every set of addresses that the
 * ranges distinguish contains a sample.
 */
export function listAddressesAround(ranges: readonly string[]): readonly string[] {
  const knownRanges = ranges.filter(isRange)
  const outside = knownRanges.some(range => range.includes(':')) ? ['0.0.0.0', '::'] : ['0.0.0.0']
  return [...new Set([...outside, ...knownRanges.flatMap(range => [getFirst(range), ...afterLastOf(range)])])]
}

const getFirst = (range: string) => getBound(range, () => 0).toString()

/** The address after the last address of a range. The list is empty if the range ends with the last address of all. */
function afterLastOf(range: string): readonly string[] {
  const bytes = getBound(range, () => 255).toByteArray()
  const place = bytes.findLastIndex(byte => byte < 255)
  if (place === -1) return []
  const next = bytes.map((byte, index) => (index < place ? byte : index === place ? byte + 1 : 0))
  return [ipaddr.fromByteArray(next).toString()]
}

/** The first or last address of a range. `open` gives each byte behind the prefix: 0 or 255. */
function getBound(range: string, open: () => 0 | 255): ipaddr.IPv4 | ipaddr.IPv6 {
  const [address = '', written] = range.split('/')
  const bytes = ipaddr.parse(address).toByteArray()
  const bits = written === undefined ? bytes.length * 8 : Number(written)
  return ipaddr.fromByteArray(
    bytes.map((byte, index) => {
      const mask = 0xff & (0xff00 >> Math.min(Math.max(bits - index * 8, 0), 8))
      return (byte & mask) | (open() & ~mask & 0xff)
    }),
  )
}

/** Tells whether a text is an address as Go reads it: four decimal numbers, or IPv6. */
export const isAddress = (text: string): boolean =>
  (/^[\d.]+$/.test(text) && ipaddr.IPv4.isValidFourPartDecimal(text)) ||
  (text.includes(':') && ipaddr.IPv6.isValid(text))

/**
 * Tells whether a text is an address, or one with the bits of a CIDR. See ValidateIPs in pkg/config/security/security.go of
 * istio/istio.
 */
export function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  if (rest.length > 0 || !isAddress(address)) return false
  if (bits === undefined) return true
  const most = address.includes(':') ? 128 : 32
  return !address.includes('%') && /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= most
}
