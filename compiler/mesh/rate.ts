/** Reads a rate of the spec, `100/s`: so many requests in so many seconds. */
export function parseRate(text: string): { readonly requests: number; readonly seconds: number } {
  const [requests = '', unit = ''] = text.split('/')
  return { requests: Number(requests), seconds: secondsOf[unit as keyof typeof secondsOf] }
}

const secondsOf = { s: 1, m: 60, h: 3600 } as const
