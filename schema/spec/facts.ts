/**
 * The facts of a field that passes of the compiler need and that its shape does not show. They stand in the `.meta` of the
 * field. If a field of a section has a fact, every field of that section has it: `npm run generate` names a field without it.
 */
interface FieldFacts {
  /**
   * The things that a field of a service is about; none for a field that only people read.
   *
   * - `objects`: the Kubernetes Service or the Deployments, which show the field
   * - `calls`: calls of the service; the field has no meaning for a service that is never called
   * - `callers`: as `calls`, and the field says who calls
   */
  readonly 'x-about'?: readonly ('objects' | 'calls' | 'callers')[]
  /**
   * The topics of a field. An error in a field may be the cause of an error in a field of the same section with a common
   * topic; `all` stands for every topic.
   */
  readonly 'x-topics'?: 'all' | readonly ('access' | 'fault' | 'kiali' | 'times' | 'versions')[]
  /** True for a part of `connections` or `loadBalancing` that is about requests: it has no effect where there are only connections. */
  readonly 'x-requests'?: true
}

declare module 'zod' {
  interface GlobalMeta extends FieldFacts {}
}
