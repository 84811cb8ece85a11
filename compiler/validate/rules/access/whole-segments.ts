import { isHttp } from '../../../mesh/port.ts'
import { placeAt } from '../../../mesh/spec-place.ts'
import { findWrittenPlace } from '../../places.ts'
import { defineRule } from '../../rule.ts'

/** A path is compared letter by letter, not segment by segment. */
export const wholeSegments = defineRule<{ prefix: string }>(
  {
    code: 'MESH3411',
    severity: 'warning',
    summary: 'An allowed path prefix ends at the end of a segment',
    message: p =>
      isOfExpression(p.prefix)
        ? `\`${p.prefix}*\` allows every path that begins with \`${p.prefix}\`: a path is not a regular expression`
        : `\`${p.prefix}*\` allows \`${p.prefix}-other\` too`,
    help: p =>
      isOfExpression(p.prefix)
        ? `write \`${p.prefix.replace(/\.$/, '*')}\``
        : `write \`${p.prefix}\` and \`${p.prefix}/*\``,
  },
  function* (_, report, { pathRules }) {
    for (const { service, allow } of pathRules) {
      // The paths of gRPC are names of methods: `/shop.Cart/Get*` is a family of them.
      if (service.ports.filter(isHttp).every(({ protocol }) => protocol.value === 'grpc')) continue
      for (const path of allow.paths) {
        if (!('prefix' in path.value) || path.value.prefix.endsWith('/')) continue
        yield report(placeAt(findWrittenPlace(path)!), { prefix: path.value.prefix })
      }
    }
  },
)

/** Tells whether a prefix ends as `.*` of a regular expression does. */
const isOfExpression = (prefix: string): boolean => prefix.endsWith('/.')
