import type { Edit } from './repository.ts'

/** The changes of a play in an environment. */
export interface Play {
  readonly environment: string
  /** The weight of the newer version after an increase of its traffic, and the route that must arrive. */
  readonly canary?: {
    readonly file: string
    readonly edits: readonly Edit[]
    readonly virtualService: string
    readonly weights: unknown
  }
  /** The removal of a service from the spec, with the edges that name it. */
  readonly removal: {
    readonly edits: Readonly<Record<string, readonly Edit[]>>
    readonly gone: readonly string[]
    /** The objects that the cluster keeps, although git no longer has them. */
    readonly stays: readonly string[]
  }
}

const shopCanary = {
  file: 'spec/base/mesh.yaml',
  edits: [{ path: ['services', 'my-api', 'traffic'], value: { stable: '50%', canary: '50%' } }],
  virtualService: 'my-api/my-api',
  weights: [50, 50],
}
const noMoreCalls = [{ path: ['services', 'my-api', 'allow', 1], value: undefined }]
const shopRemoval = {
  edits: {
    'spec/base/mesh.yaml': [{ path: ['services', 'web'], value: undefined }, ...noMoreCalls],
  },
  gone: ['VirtualService web/web', 'DestinationRule web/web', 'AuthorizationPolicy web/web'],
  // The namespace stays with all objects of its team.
  stays: ['Namespace web'],
}

/** Every environment of the project, and its changes. */
export const plays: readonly Play[] = [
  {
    environment: 'dev',
    canary: shopCanary,
    removal: { ...shopRemoval, edits: { ...shopRemoval.edits, 'spec/dev/mesh.yaml': noMoreCalls } },
  },
  { environment: 'staging', canary: shopCanary, removal: shopRemoval },
  { environment: 'prod', canary: shopCanary, removal: shopRemoval },
  {
    environment: 'examples/bookinfo',
    canary: {
      file: 'spec/examples/bookinfo/mesh.yaml',
      edits: [{ path: ['services', 'reviews', 'routes', 1, 'traffic'], value: { v1: '50%', v3: '50%' } }],
      virtualService: 'bookinfo/reviews',
      weights: [50, 50],
    },
    removal: {
      edits: {
        'spec/examples/bookinfo/mesh.yaml': [
          { path: ['services', 'ratings'], value: undefined },
          { path: ['expect', 0], value: undefined },
        ],
      },
      gone: ['VirtualService bookinfo/ratings', 'AuthorizationPolicy bookinfo/ratings'],
      stays: [],
    },
  },
  {
    environment: 'examples/bank/eu1',
    canary: {
      file: 'spec/examples/bank/services/accounts.yaml',
      edits: [{ path: ['services', 'accounts', 'traffic'], value: { stable: '50%', canary: '50%' } }],
      virtualService: 'accounts/accounts',
      weights: [50, 50],
    },
    removal: {
      edits: {
        'spec/examples/bank/services/accounts.yaml': [
          { path: ['services', 'kyc'], value: undefined },
          { path: ['services', 'customers', 'allow', 2], value: undefined },
        ],
      },
      gone: [
        'VirtualService accounts/kyc',
        'DestinationRule accounts/kyc',
        'AuthorizationPolicy accounts/kyc',
      ],
      stays: [],
    },
  },
  {
    environment: 'examples/online-boutique',
    removal: {
      edits: {
        'spec/examples/online-boutique/services/storefront.yaml': [
          { path: ['services', 'loadgenerator'], value: undefined },
          { path: ['services', 'frontend', 'allow', 1], value: undefined },
        ],
      },
      gone: ['Sidecar online-boutique/loadgenerator'],
      stays: [],
    },
  },
]
