import { z } from 'zod'
import { Expectation } from './expect.ts'
import { labelPattern, ServiceName } from './names.ts'
import { ManifestPolicy } from './policies.ts'
import { IssuerUrl } from './tokens.ts'
import { Waiver } from './waive.ts'

const namePattern = '[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?'

const workload = z
  .string()
  .max(317)
  .regex(new RegExp(`^(${labelPattern}/${namePattern}|outside)$`))
  .meta({ title: 'a workload as `namespace/name`, or `outside`', examples: ['shop/web', 'outside'] })

const callers = z.array(
  z
    .string()
    .max(317)
    .regex(new RegExp(`^(${labelPattern}/(${namePattern}|\\*)|outside|anyone)$`))
    .meta({
      title: 'a workload as `namespace/name`, `namespace/*`, `outside` or `anyone`',
      examples: ['shop/web', 'shop/*', 'outside'],
    }),
)

const destination = z
  .string()
  .max(317)
  .regex(new RegExp(`^(${labelPattern}/${namePattern}|(${labelPattern}\\.)+${labelPattern})$`))
  .meta({
    title: 'a Service as `namespace/name`, or a host outside of the mesh',
    examples: ['shop/cart', 'api.stripe.com'],
  })

/** An expectation of plain manifests: its names are those of manifests. */
const ManifestExpectation = Expectation.extend({
  only: callers
    .optional()
    .meta({ description: 'No caller except these reaches `to`', examples: [['shop/web']] }),
  never: callers
    .optional()
    .meta({ description: 'None of these callers reaches `to`', examples: [['outside']] }),
  from: workload.optional().meta({ description: 'This caller reaches `to`', examples: ['shop/web'] }),
  to: destination
    .optional()
    .meta({ description: 'The destination (default: every Service)', examples: ['shop/cart'] }),
  issuers: z
    .array(IssuerUrl)
    .min(1)
    .max(100)
    .optional()
    .meta({
      description:
        'Only requests with a token of one of these issuers that the destination accepts; an issuer is written as in a RequestAuthentication',
      examples: [['https://login.example.com']],
    }),
}).meta({
  id: 'ManifestExpectation',
  description: 'An expectation that the manifests must meet',
  examples: [{ only: ['shop/web'], to: 'shop/cart' }],
})

/** The file beside manifests without a spec: what their review lets pass, and the rules that they follow. */
export const ManifestsFile = z
  .strictObject({
    expect: z
      .array(ManifestExpectation)
      .optional()
      .meta({
        description: 'The expectations that the manifests must meet',
        examples: [[{ only: ['shop/web'], to: 'shop/cart' }]],
      }),
    policies: z
      .record(ServiceName, ManifestPolicy)
      .optional()
      .meta({
        description: 'Rules of your own that the manifests must follow, in CEL',
        examples: [
          {
            bounded: {
              kinds: ['VirtualService'],
              validations: [
                {
                  expression: 'object.spec.http.all(r, has(r.timeout))',
                  message: 'every route has a timeout',
                },
              ],
            },
          },
        ],
      }),
    waive: z
      .array(Waiver)
      .optional()
      .meta({
        description:
          'Changes of behavior that `meshc diff` accepts until a date, even if `--deny` names them. Merge an entry before the change that needs it',
        examples: [
          [
            {
              gate: 'new-access',
              from: 'shop/web',
              to: 'shop/cart',
              because: 'reviewed by the security team',
              owner: 'team-shop',
              until: '2027-01-31',
            },
          ],
        ],
      }),
  })
  .meta({
    title: 'meshc.yaml',
    description:
      'The rules and expectations for manifests, and the changes of behavior that their review accepts',
  })

export type ManifestsFile = z.input<typeof ManifestsFile>
