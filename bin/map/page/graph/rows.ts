import type { Visible } from './filters.ts'
import type { GraphCall, GraphSide } from './graph.ts'

/** A row of the table of calls: one caller of one call. */
interface CallRow {
  readonly from: number
  readonly to: number
  readonly call: GraphCall
}

/** Lists the first rows of the table of calls, and whether there are more. */
export function listCallRows(
  side: GraphSide,
  visible: Visible,
  most: number,
): { readonly rows: readonly CallRow[]; readonly hasMore: boolean } {
  const rows: CallRow[] = []
  for (const call of side.calls) {
    if (!visible.hasCall(side, call)) continue
    for (const from of side.sets[call.set]!) {
      if (!visible.hasCaller(call, from)) continue
      if (rows.length >= most) return { rows, hasMore: true }
      rows.push({ from, to: call.to, call })
    }
  }
  return { rows, hasMore: false }
}
