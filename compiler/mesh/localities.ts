/** Tells whether one of two localities holds the other; `*` at the end of one stands for nothing, too. */
export function isOverlapping(a: string, b: string): boolean {
  const [first = [], second = []] = [a, b].map(each => each.split('/').filter(part => part !== '*'))
  const common = Math.min(first.length, second.length)
  return first.slice(0, common).join('/') === second.slice(0, common).join('/')
}
