import ipaddr from 'ipaddr.js'

/** Whether an address lies in a range: CIDR, or one address. */
export function isInRange(address: string, range: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  const [base, bits] = range.includes('/') ? ipaddr.parseCIDR(range) : [ipaddr.parse(range), undefined]
  return parsed.kind() === base.kind() && parsed.match(base, bits ?? (base.kind() === 'ipv4' ? 32 : 128))
}

export const isAddress = (text: string): boolean => ipaddr.isValid(text)
