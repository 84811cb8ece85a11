import { z } from 'zod'
import { LabelValue, Url } from './names.ts'
import { defineSection } from './section.ts'
import { defineWords } from './words.ts'

/** An expression of CEL. The compiler bounds its nodes and its work. */
const expression = z.string().min(1).max(4096)

const defineText = (maximum: number) => z.string().min(1).max(maximum)

/** A name that an expression can write: the form that Kubernetes asks of a variable. */
const VariableName = z
  .string()
  .max(63)
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
  .meta({ title: 'letters, digits and `_`, a letter first', examples: ['callers'] })

/** The fields of a policy beside the objects that it checks. */
const policyFields = {
  kinds: z
    .array(defineText(63))
    .min(1)
    .max(50)
    .meta({ description: 'Only manifests of these kinds', examples: [['VirtualService']] }),
  matchConditions: z
    .array(
      z.strictObject({
        name: LabelValue.optional().meta({
          description: 'The name of the condition, for readers',
          examples: ['prod'],
        }),
        expression: expression.meta({
          description: 'A CEL expression that is true for the objects that the policy checks',
          examples: ['mesh.environment == "prod"'],
        }),
      }),
    )
    .max(20)
    .meta({
      description: 'Conditions on an object; the policy checks only objects that meet all of them',
      examples: [[{ name: 'prod', expression: 'mesh.environment == "prod"' }]],
    }),
  variables: z
    .array(
      z.strictObject({
        name: VariableName.meta({
          description: 'The name of the variable; expressions read it as `variables.<name>`',
        }),
        expression: expression.meta({
          description:
            'The CEL expression that computes the value of the variable; it may read the variables before it',
          examples: ['object.allow.map(a, a.from)'],
        }),
      }),
    )
    .max(20)
    .meta({
      description: 'Variables, for values that several expressions use',
      examples: [[{ name: 'callers', expression: 'object.allow.map(a, a.from)' }]],
    }),
  validations: z
    .array(
      z.strictObject({
        expression: expression.meta({
          description:
            'A CEL expression that must be true; `object` is the checked object, `mesh` is the mesh, and `variables` holds the variables',
          examples: ['has(object.owner)'],
        }),
        message: defineText(500)
          .optional()
          .meta({
            description: 'The rule in your own words, as the message of a violation',
            examples: ['every service has an owner'],
          }),
        messageExpression: expression.optional().meta({
          description: 'A CEL expression that computes the message; if it fails, `message` is the message',
          examples: ['object.key + " has no owner"'],
        }),
      }),
    )
    .min(1)
    .max(50)
    .meta({
      description: 'The conditions that each object must meet',
      examples: [[{ expression: 'has(object.owner)', message: 'every service has an owner' }]],
    }),
  validationActions: z
    .array(defineWords({ Deny: 'A violation is an error', Warn: 'A violation is a warning' }))
    .min(1)
    .max(1)
    .meta({ description: 'The severity of a violation (default: `Deny`, an error)', examples: [['Warn']] }),
  link: Url.meta({
    description: 'The page that explains the policy; each violation shows it',
    examples: ['https://wiki.example.com/mesh/owners'],
  }),
}

/** A rule of the owners of a mesh, in the words of a ValidatingAdmissionPolicy of Kubernetes. */
export const PolicySpec = defineSection({
  for: defineWords({
    services: 'Each service',
    gateways: 'Each gateway',
    external: 'Each external system',
    edges: 'Each entry of `allow` of a service or an external system',
    namespaces: 'Each namespace of the mesh',
    mesh: 'The mesh itself, once',
    manifests: 'Each Kubernetes object that meshc writes into `manifests/`',
  }).meta({ description: 'The objects that the policy checks, one at a time', examples: ['services'] }),
  ...policyFields,
}).meta({
  id: 'Policy',
  description: 'A rule of your own about the mesh',
  examples: [
    {
      for: 'services',
      validations: [{ expression: 'has(object.owner)', message: 'every service has an owner' }],
    },
  ],
})

const { kinds, matchConditions, variables, validations, validationActions, link } = policyFields

/** A policy of plain manifests, which are all that it checks. */
export const ManifestPolicy = z
  .strictObject({
    for: defineWords({ manifests: 'Each Kubernetes object' })
      .optional()
      .meta({
        description: 'The objects that the policy checks: the manifests, as in a spec',
        examples: ['manifests'],
      }),
    kinds: makeOptional(kinds),
    matchConditions: makeOptional(matchConditions),
    variables: makeOptional(variables),
    validations,
    validationActions: makeOptional(validationActions),
    link: makeOptional(link),
  })
  .meta({
    id: 'ManifestPolicy',
    description: 'A rule of your own about the manifests',
    examples: [
      {
        kinds: ['VirtualService'],
        validations: [
          { expression: '!has(object.spec.exportTo)', message: 'a route is visible in every namespace' },
        ],
      },
    ],
  })

/** A field that keeps its description and examples where an editor looks for them. */
function makeOptional<Field extends z.ZodType>(field: Field): z.ZodOptional<Field> {
  const { description, examples } = field.meta() ?? {}
  return field.optional().meta({ description, examples })
}
