import { getQualifiedName } from '../../compiler/behavior/qualified-name.ts'

/** The word names the object, as `web`, `shop/web` or `web.shop`. */
export const isNamedBy = (
  thing: { readonly namespace: string; readonly name: string },
  word: string,
): boolean =>
  word === thing.name || word === getQualifiedName(thing) || word === `${thing.name}.${thing.namespace}`
