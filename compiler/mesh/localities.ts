/** Tells whether one of two localities contains the other; `*` at the end of one also matches an empty part. */
export function isOverlapping(a: string, b: string): boolean {
  const [first = [], second = []] = [a, b].map(each => each.split('/').filter(part => part !== '*'))
  const common = Math.min(first.length, second.length)
  return first.slice(0, common).join('/') === second.slice(0, common).join('/')
}
