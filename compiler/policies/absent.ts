import type { SpecNode } from '../mesh/sourced.ts'

/** A field that has no value because a place of the spec removes it: `circuitBreaker: none`. */
export class Absent {
  readonly place: SpecNode | undefined

  constructor(place: SpecNode | undefined) {
    this.place = place
  }
}
